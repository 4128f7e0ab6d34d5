"""Loads: which landed file went into which physical table, with what outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.hashing import sha256_of
from cdp_assets.state import tables
from cdp_assets.state.database import now

MOST_REJECTS_KEPT = 10_000
"""Per load; the counts are complete, the rows are for finding the mistake."""


@dataclass(frozen=True)
class Reject:
    """A row that was not loaded: where it stands and why, never what it holds."""

    file: str
    row: int
    column: str | None
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What a load has read, loaded and refused; of a flood of rejects only the first are kept."""

    load_id: str
    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    rejects: Sequence[Reject] = ()


def load_id(landed_file_id: int, table_path: str) -> str:
    """Give the id of a file's load into a table: the same on every try."""
    return sha256_of([landed_file_id, table_path])[:32]


def start(
    conn: Connection, *, environment: str, landed_file_ids: Sequence[int], table_path: str, feed: str, commit_id: str
) -> None:
    """Begin the loads of files that go into a table by one Delta commit, or begin them again."""
    table = tables.load
    ids = {load_id(file, table_path): file for file in landed_file_ids}
    known = set(conn.execute(sa.select(table.c.id).where(table.c.id.in_(ids))).scalars())
    conn.execute(sa.update(table).where(table.c.id.in_(known)).values(commit_id=commit_id))
    common = {"environment": environment, "table_path": table_path, "feed": feed, "commit_id": commit_id}
    begins = {"state": "started", "started_at": now()}
    new = [{"id": id_, "landed_file_id": file} | common | begins for id_, file in ids.items() if id_ not in known]
    if new:
        conn.execute(sa.insert(table), new)


def begun(conn: Connection, table_path: str) -> dict[int, str]:
    """Give the Delta commit of each landed file whose load into a table was begun and not noted as committed."""
    table = tables.load
    query = sa.select(table.c.landed_file_id, table.c.commit_id)
    found = conn.execute(query.where(table.c.table_path == table_path, table.c.state.in_(("started", "failed"))))
    return {file: commit_id for file, commit_id in found if commit_id is not None}


def commit(conn: Connection, outcomes: Sequence[Outcome], *, version: int) -> None:
    """Note that loads are in the table, at a version."""
    _end(conn, outcomes, state="committed", delta_version=version, error=None)


def fail(conn: Connection, outcomes: Sequence[Outcome], *, error: str) -> None:
    """Note that nothing of the files was loaded, and why; they are tried again on the next run."""
    _end(conn, outcomes, state="failed", error=error)


def rejects_of(conn: Connection, load_id: str) -> list[Reject]:
    """Give a load's rejected rows in the order in which they were met."""
    table = tables.reject
    rows = conn.execute(sa.select(table).where(table.c.load_id == load_id).order_by(table.c.position)).mappings()
    return [Reject(row["file"], row["row"], row["column_name"], row["reason"]) for row in rows]


def of_table(conn: Connection, table_path: str) -> list[dict[str, object]]:
    """Give the loads into one physical table, oldest first, as plain rows."""
    table = tables.load
    query = sa.select(table).where(table.c.table_path == table_path).order_by(table.c.started_at)
    return [dict(row) for row in conn.execute(query).mappings()]


def committed_files(conn: Connection, feed: str) -> dict[str, frozenset[int]]:
    """Give the landed files that each physical table of a feed holds, by path."""
    table = tables.load
    query = sa.select(table.c.table_path, table.c.landed_file_id)
    found: dict[str, set[int]] = {}
    for path, file in conn.execute(query.where(table.c.feed == feed, table.c.state == "committed")):
        found.setdefault(path, set()).add(file)
    return {path: frozenset(files) for path, files in found.items()}


def _end(conn: Connection, outcomes: Sequence[Outcome], **values: object) -> None:
    table, reject = tables.load, tables.reject
    conn.execute(sa.delete(reject).where(reject.c.load_id.in_([one.load_id for one in outcomes])))
    if rows := [row for one in outcomes for row in _rejects(one)]:
        conn.execute(sa.insert(reject), rows)
    counts = ("rows_read", "rows_loaded", "rows_rejected")
    by_id = sa.update(table).where(table.c.id == sa.bindparam("of")).values(ended_at=now(), **values)
    named = [{"of": one.load_id} | {name: getattr(one, name) for name in counts} for one in outcomes]
    conn.execute(by_id.values({name: sa.bindparam(name) for name in counts}), named)


def _rejects(outcome: Outcome) -> Iterator[dict[str, object]]:
    for position, one in enumerate(outcome.rejects[:MOST_REJECTS_KEPT]):
        where = {"load_id": outcome.load_id, "position": position}
        yield where | {"file": one.file, "row": one.row, "column_name": one.column, "reason": one.reason}
