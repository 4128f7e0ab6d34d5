"""Loads: which landed file went into which physical table, with what outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

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
class Load:
    """One landed file on its way into one physical table."""

    id: str
    state: str
    delta_version: int | None


def start(conn: Connection, *, environment: str, landed_file_id: int, table_path: str, feed: str) -> Load:
    """Begin a load, or give the one begun before; its id is the same on every try."""
    load_id = sha256_of([landed_file_id, table_path])[:32]
    table = tables.load
    row = conn.execute(sa.select(table).where(table.c.id == load_id)).mappings().first()
    if row is not None:
        return Load(load_id, row["state"], row["delta_version"])
    conn.execute(
        sa.insert(table).values(
            id=load_id,
            environment=environment,
            landed_file_id=landed_file_id,
            table_path=table_path,
            feed=feed,
            state="started",
            started_at=now(),
        )
    )
    return Load(load_id, "new", None)


def commit(
    conn: Connection,
    load_id: str,
    *,
    rows_read: int,
    rows_loaded: int,
    rejects: Sequence[Reject],
    rejected: int,
    version: int,
) -> None:
    """Note that a load is in the table, at a version."""
    _keep_rejects(conn, load_id, rejects)
    _end(
        conn,
        load_id,
        state="committed",
        rows_read=rows_read,
        rows_loaded=rows_loaded,
        rows_rejected=rejected,
        delta_version=version,
        error=None,
    )


def fail(
    conn: Connection, load_id: str, *, error: str, rejects: Sequence[Reject], rejected: int, rows_read: int
) -> None:
    """Note that nothing of a file was loaded, and why; it is tried again on the next run."""
    _keep_rejects(conn, load_id, rejects)
    _end(conn, load_id, state="failed", error=error, rows_read=rows_read, rows_rejected=rejected, rows_loaded=0)


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


def latest(conn: Connection, environment: str, courier: str) -> dict[int, list[dict[str, object]]]:
    """Give the latest load of each of a courier's landed files into each feed, by the file's id, feeds in order."""
    load, file = tables.load, tables.landed_file
    query = sa.select(load).join(file, file.c.id == load.c.landed_file_id)
    query = query.where(load.c.environment == environment, file.c.courier == courier)
    newest = {(row["landed_file_id"], row["feed"]): dict(row) for row in _oldest_first(conn, query)}
    found: dict[int, list[dict[str, object]]] = {}
    for (file_id, _), row in sorted(newest.items()):
        found.setdefault(file_id, []).append(row)
    return found


def _oldest_first(conn: Connection, query: sa.Select[Any]) -> Iterable[RowMapping]:
    return conn.execute(query.order_by(tables.load.c.started_at, tables.load.c.id)).mappings()


def committed_files(conn: Connection, feed: str) -> dict[str, frozenset[int]]:
    """Give the landed files that each physical table of a feed holds, by path."""
    table = tables.load
    query = sa.select(table.c.table_path, table.c.landed_file_id)
    found: dict[str, set[int]] = {}
    for path, file in conn.execute(query.where(table.c.feed == feed, table.c.state == "committed")):
        found.setdefault(path, set()).add(file)
    return {path: frozenset(files) for path, files in found.items()}


def _keep_rejects(conn: Connection, load_id: str, rejects: Sequence[Reject]) -> None:
    conn.execute(sa.delete(tables.reject).where(tables.reject.c.load_id == load_id))
    rows = [
        {
            "load_id": load_id,
            "position": position,
            "file": one.file,
            "row": one.row,
            "column_name": one.column,
            "reason": one.reason,
        }
        for position, one in enumerate(rejects[:MOST_REJECTS_KEPT])
    ]
    if rows:
        conn.execute(sa.insert(tables.reject), rows)


def _end(conn: Connection, load_id: str, **values: object) -> None:
    conn.execute(sa.update(tables.load).where(tables.load.c.id == load_id).values(ended_at=now(), **values))
