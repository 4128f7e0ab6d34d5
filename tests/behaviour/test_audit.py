"""The audit log in every database: it refuses changes, and shows those that were made around it."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError

from cdp_assets.state import audit_log, tables
from cdp_assets.state.database import State, now

ROWS = 6
audit = tables.audit


@pytest.fixture
def state(place: str) -> State:
    """A state with six rows: three users, two actions."""
    made = State.open(place)
    for number in range(ROWS):
        with made.write() as conn:
            act(conn, number)
    return made


def act(conn: Connection, number: int) -> None:
    """Add a row."""
    user, action = ("ann", "bob", "cy")[number % 3], ("environment:apply", "sandbox:create")[number % 2]
    detail = {"number": number, "names": ["é", None]}
    audit_log.append(conn, acting_user=user, action=action, resource=f"r{number}", detail=detail)


def unguarded(state: State, conn: Connection) -> None:
    """Take the guards off, as somebody with the database's own rights can."""
    if state.engine.dialect.name == "sqlite":
        for name in ("UPDATE", "DELETE", "REPLACE"):
            conn.exec_driver_sql(f"DROP TRIGGER audit_{name}")
    else:
        conn.exec_driver_sql("ALTER TABLE audit DISABLE TRIGGER USER")


def ids(conn: Connection) -> list[int]:
    """Give the ids in order."""
    return list(conn.execute(sa.select(audit.c.id).order_by(audit.c.id)).scalars())


def test_a_whole_log_is_found_whole(state: State) -> None:
    """With its length and last hash, which it still has after more rows."""
    with state.read() as conn:
        found = audit_log.verified(conn)
        assert (found.rows, found.broken_at) == (ROWS, None)
        assert found.last_hash == audit_log.listed(conn)[-1].hash
    with state.write() as conn:
        act(conn, ROWS)
    with state.read() as conn:
        later = audit_log.verified(conn, found.last_hash)
    assert (later.rows, later.broken_at, later.rows_after_expected) == (ROWS + 1, None, 1)


def test_an_empty_log_is_whole(place: str) -> None:
    """Its last hash is the one that the first row follows."""
    with State.open(place).read() as conn:
        assert audit_log.verified(conn, audit_log.FIRST) == audit_log.Chain(0, audit_log.FIRST, None, 0)


@pytest.mark.parametrize(
    "values",
    [
        {"resource": "other"},
        {"acting_user": "eve"},
        {"action": "x:y"},
        {"detail": {"number": 9}},
        {"happened_at": now()},
        {"hash": "a" * 64},
        {"previous_hash": "a" * 64},
    ],
    ids=lambda values: next(iter(values)),
)
def test_a_changed_row_is_found(state: State, values: dict[str, object]) -> None:
    """Whatever of it was changed."""
    with state.write() as conn:
        unguarded(state, conn)
        third = ids(conn)[2]
        conn.execute(sa.update(audit).where(audit.c.id == third).values(**values))
    with state.read() as conn:
        assert audit_log.broken_at(conn) == third


@pytest.mark.parametrize("removed", [0, 2, ROWS - 2])
def test_a_row_removed_before_the_last_is_found(state: State, removed: int) -> None:
    """At the row that came after it."""
    with state.write() as conn:
        unguarded(state, conn)
        known = ids(conn)
        conn.execute(sa.delete(audit).where(audit.c.id == known[removed]))
    with state.read() as conn:
        found = audit_log.verified(conn)
    assert (found.rows, found.broken_at) == (removed, known[removed + 1])


def test_rows_in_another_order_are_found(state: State) -> None:
    """Two rows that have changed places, each with its own hash."""
    with state.write() as conn:
        unguarded(state, conn)
        _, second, third, *_ = ids(conn)
        for old, new in ((second, -1), (third, second), (-1, third)):
            conn.execute(sa.update(audit).where(audit.c.id == old).values(id=new))
    with state.read() as conn:
        assert audit_log.broken_at(conn) == second


@pytest.mark.parametrize("count", [1, ROWS])
def test_rows_removed_at_the_end_are_found_by_a_hash_known_from_before(state: State, count: int) -> None:
    """The chain alone cannot tell; also not after a new row has been added to what is left."""
    with state.read() as conn:
        known = audit_log.verified(conn).last_hash
    with state.write() as conn:
        unguarded(state, conn)
        conn.execute(sa.delete(audit).where(audit.c.id.in_(ids(conn)[-count:])))
    for more in range(2):
        with state.read() as conn:
            found = audit_log.verified(conn, known)
        assert (found.rows, found.broken_at, found.rows_after_expected) == (ROWS - count + more, None, None)
        with state.write() as conn:
            act(conn, 9)


def test_the_database_refuses_to_change_or_remove_a_row(state: State) -> None:
    """By UPDATE, by DELETE, and by the ways around them."""
    emptied = {"sqlite": "INSERT OR REPLACE INTO audit SELECT * FROM audit", "postgresql": "TRUNCATE audit"}
    statements = (
        sa.update(audit).values(resource="x"),
        sa.delete(audit).where(audit.c.acting_user == "ann"),
        sa.text(emptied[state.engine.dialect.name]),
    )
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), state.write() as conn:
            conn.execute(statement)
    with state.read() as conn:
        assert (len(ids(conn)), audit_log.broken_at(conn)) == (ROWS, None)


def test_rows_are_listed_newest_last(state: State) -> None:
    """All of them, the newest few, one user's, one action's, one kind's, those since a moment of any zone."""

    def resources(**wanted: object) -> list[str]:
        with state.read() as conn:
            return [row.resource for row in audit_log.listed(conn, **wanted)]

    with state.read() as conn:
        fourth = audit_log.listed(conn)[3].happened_at.astimezone(dt.timezone(dt.timedelta(hours=-8)))
    assert resources() == [f"r{number}" for number in range(ROWS)]
    assert resources(limit=2) == ["r4", "r5"]
    assert resources(user="ann") == ["r0", "r3"]
    assert resources(action="sandbox:create", limit=2) == ["r3", "r5"]
    assert resources(action="environment:*", user="bob") == ["r4"]
    assert resources(action="sandbox%") == resources(action="_andbox*") == []
    assert resources(since=fourth) == ["r3", "r4", "r5"]
