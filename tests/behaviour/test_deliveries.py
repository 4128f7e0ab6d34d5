"""What the ledger of deliveries keeps, in every database that it can live in."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.names import PRODUCTION
from cdp_assets.state import deliveries, environments, revisions, tables
from cdp_assets.state.database import State, now
from cdp_assets.state.deliveries import Order, Part

DAY = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
OLD = sa.Table(
    "delivery",
    sa.MetaData(),
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("environment", sa.String(200), nullable=False),
    sa.Column("orchestration", sa.String(200), nullable=False),
    sa.Column("publication_id", tables.Id, nullable=False),
    sa.Column("destination", sa.String(200), nullable=False),
    sa.Column("filename", sa.Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("started_at", tables.When, nullable=False),
    sa.Column("delivered_at", tables.When),
    sa.UniqueConstraint("environment", "orchestration", "publication_id", "filename"),
)
"""The table before deliveries had parts."""


@pytest.fixture
def state(place: str) -> State:
    """A migrated state with two publications of production."""
    made = State.open(place)
    with made.write() as conn:
        environments.get_or_create(conn, PRODUCTION)
        revision_id = revisions.put(conn, {"name": "t"}, created_by="ann", message="")
        for number in (1, 2):
            values = {"id": number, "environment": PRODUCTION, "run_id": f"r{number}", "revision_id": revision_id}
            conn.execute(
                tables.publication.insert().values(values | {"business_date": DAY.date(), "created_at": now()})
            )
    return made


def order(publication_id: int = 1, orchestration: str = "o", shape: str = "s", **change: str) -> Order:
    told = {"destination": "folder", "template": "daily", "source": "v1", "sent_by": "ann"} | change
    return Order(
        environment=PRODUCTION, orchestration=orchestration, publication_id=publication_id, shape=shape,
        named_at=DAY, **told,
    )  # fmt: skip


def part(position: int) -> Part:
    return Part(position, f"{position}.csv", "here", rows=10, size_bytes=100, sha256="a", content_sha256="b")


def sent(conn: Connection, one: Order, *positions: int) -> None:
    for position in positions:
        deliveries.begin_part(conn, one, part(position))
        deliveries.finish_part(conn, one, position)


def test_a_part_that_was_begun_again_is_there_once(state: State) -> None:
    """The earlier try's is forgotten; what has arrived counts."""
    with state.write() as conn:
        deliveries.begin(conn, order())
        sent(conn, order(), 0)
        deliveries.begin_part(conn, order(), part(1))
    with state.write() as conn:
        again = deliveries.begin(conn, order())
        assert [(one.position, one.state) for one in again.parts] == [(0, "delivered"), (1, "sending")]
        sent(conn, order(), 1)
        found = deliveries.end(conn, order().id)
    assert [(one.position, one.state) for one in found.arrived] == [(0, "delivered"), (1, "delivered")]
    assert (found.rows, found.size_bytes, found.state) == (20, 200, "delivered")


def test_a_changed_shape_replaces_what_had_arrived_and_can_change_back(state: State) -> None:
    """Each time everything is sent anew; a delivered one stays as it is."""
    with state.write() as conn:
        for shape in ("s", "other", "s"):
            begun = deliveries.begin(conn, order(shape=shape))
            assert begun.arrived == ()
            sent(conn, order(shape=shape), 0)
        done = deliveries.end(conn, order().id)
        assert [one.state for one in done.parts] == ["replaced", "replaced", "delivered"]
        assert deliveries.begin(conn, order(shape="other", sent_by="ben")) == done


def test_a_failed_delivery_says_why_until_it_is_tried_again(state: State) -> None:
    with state.write() as conn:
        deliveries.begin(conn, order())
        failed = deliveries.end(conn, order().id, "no room")
        assert (failed.state, failed.problem) == ("failed", "no room")
        again = deliveries.begin(conn, order(sent_by="ben"))
    assert (again.state, again.problem, again.ended_at, again.order.sent_by) == ("sending", None, None, "ben")


def test_deliveries_are_listed_by_what_is_asked_newest_first(state: State) -> None:
    with state.write() as conn:
        for publication in (1, 2):
            for name in ("a", "b"):
                deliveries.begin(conn, order(publication, name))
        deliveries.end(conn, order(1, "a").id)
        deliveries.end(conn, order(2, "a").id, "no room")

        def listed(**wanted: object) -> list[tuple[int, str]]:
            found = deliveries.listed(conn, PRODUCTION, **wanted)  # type: ignore[arg-type] # what each case asks
            return [(one.order.publication_id, one.order.orchestration) for one in found]

        assert listed() == [(2, "b"), (2, "a"), (1, "b"), (1, "a")]
        assert listed(orchestration="a") == [(2, "a"), (1, "a")]
        assert listed(publication_id=1, most=1) == [(1, "b")]
        assert listed(states=["failed"]) == [(2, "a")]
        assert deliveries.listed(conn, "sandbox__x") == []
        last = deliveries.last_delivered(conn, PRODUCTION, "a")
        assert last is not None
        assert last.order.publication_id == 1
        assert deliveries.last_delivered(conn, PRODUCTION, "b") is None


def test_what_was_sent_before_deliveries_had_parts_is_not_sent_again(state: State, place: str) -> None:
    """The migration keeps every file; a delivery that had not ended goes on."""
    file = {"environment": PRODUCTION, "destination": "folder", "rows": 3, "size_bytes": 9, "sha256": "a"}
    with state.write() as conn:
        for table in (tables.delivery_part, tables.delivery):
            table.drop(conn)
        OLD.create(conn)
        for number, (name, state_, at) in enumerate(
            [("x.csv", "delivered", DAY), ("x.csv.DONE", "delivered", DAY), ("y.csv", "started", None)]
        ):
            told = {"id": str(number), "orchestration": name[0], "publication_id": 1, "filename": name}
            conn.execute(OLD.insert().values(file | told | {"state": state_, "started_at": DAY, "delivered_at": at}))
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '0007'"))
    with State.open(place).write() as conn:
        begun = {name: deliveries.begin(conn, order(orchestration=name)) for name in ("x", "y")}
    assert (begun["x"].state, [one.filename for one in begun["x"].arrived]) == ("delivered", ["x.csv", "x.csv.DONE"])
    assert begun["x"].ended_at == DAY
    assert (begun["y"].state, begun["y"].arrived) == ("sending", ())
