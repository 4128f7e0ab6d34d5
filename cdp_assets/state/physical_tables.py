"""Physical tables: which environment owns each path, and for which fingerprint."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.errors import StateError
from cdp_assets.names import TableName
from cdp_assets.state import tables
from cdp_assets.state.database import now, utc


@dataclass(frozen=True)
class PhysicalTable:
    """A path below the lake's root and its one owner."""

    path: str
    environment: str
    table: TableName
    fingerprint: str
    rows: int | None = None
    size_bytes: int | None = None
    seconds: float | None = None
    """How long it last took to build."""
    doomed_at: dt.datetime | None = None
    """Since when the janitor means to remove it."""


def register(conn: Connection, path: str, table: TableName, fingerprint: str, environment: str) -> None:
    """Note who writes a path; raises StateError when another environment owns it."""
    found = conn.execute(
        sa.select(tables.physical_table.c.environment).where(tables.physical_table.c.path == path)
    ).scalar()
    if found is None:
        conn.execute(
            sa.insert(tables.physical_table).values(
                path=path,
                environment=environment,
                table_name=str(table),
                fingerprint=fingerprint,
                registered_at=now(),
            )
        )
    elif found != environment:
        raise StateError(f"{path}: owned by {found}. Expected {environment} to write only its own tables.")


def measured(conn: Connection, path: str, *, rows: int, size_bytes: int, seconds: float | None) -> None:
    """Note how large a table is now, and how long it took where it was built rather than reused."""
    values: dict[str, Any] = {"rows": rows, "size_bytes": size_bytes}
    if seconds is not None:
        values["seconds"] = seconds
    _update(conn, path, **values)


def hand_over(conn: Connection, path: str, environment: str) -> None:
    """Make another environment the owner of a path: from now on it writes there, and nobody else."""
    _update(conn, path, environment=environment, registered_at=now())


def paths_of(conn: Connection, environment: str) -> dict[tuple[TableName, str], str]:
    """Give the path that an environment owns for each table and fingerprint; of several the latest."""
    table = tables.physical_table
    query = sa.select(table).where(table.c.environment == environment, table.c.doomed_at.is_(None))
    rows = conn.execute(query.order_by(table.c.registered_at, table.c.path)).mappings()
    return {(TableName.parse(row["table_name"]), row["fingerprint"]): row["path"] for row in rows}


def doom(conn: Connection, path: str) -> None:
    """Note that nothing names a table; the janitor removes it after a grace period."""
    _update(conn, path, doomed_at=now())


def spare(conn: Connection, path: str) -> None:
    """Note that something names a doomed table again."""
    _update(conn, path, doomed_at=None)


def forget(conn: Connection, path: str) -> None:
    """Drop the row of a table whose files are gone, and those of what was loaded into it: it may be made anew."""
    loads = sa.select(tables.load.c.id).where(tables.load.c.table_path == path)
    conn.execute(sa.delete(tables.reject).where(tables.reject.c.load_id.in_(loads)))
    conn.execute(sa.delete(tables.load).where(tables.load.c.table_path == path))
    conn.execute(sa.delete(tables.physical_table).where(tables.physical_table.c.path == path))


def all_tables(conn: Connection) -> list[PhysicalTable]:
    """Give every physical table there is, by path."""
    rows = conn.execute(sa.select(tables.physical_table).order_by(tables.physical_table.c.path)).mappings()
    return [
        PhysicalTable(
            row["path"],
            row["environment"],
            TableName.parse(row["table_name"]),
            row["fingerprint"],
            row["rows"],
            row["size_bytes"],
            row["seconds"],
            None if row["doomed_at"] is None else utc(row["doomed_at"]),
        )
        for row in rows
    ]


def _update(conn: Connection, path: str, **values: Any) -> None:
    conn.execute(sa.update(tables.physical_table).where(tables.physical_table.c.path == path).values(**values))
