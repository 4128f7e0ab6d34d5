"""Physical tables: which environment owns each path, and for which fingerprint."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.errors import StateError
from cdp_assets.names import TableName
from cdp_assets.state import tables
from cdp_assets.state.database import now


@dataclass(frozen=True)
class PhysicalTable:
    """A path below the lake's root and its one owner."""

    path: str
    environment: str
    table: TableName
    fingerprint: str


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


def all_tables(conn: Connection) -> list[PhysicalTable]:
    """Give every physical table ever written, by path."""
    rows = conn.execute(sa.select(tables.physical_table).order_by(tables.physical_table.c.path)).mappings()
    return [
        PhysicalTable(row["path"], row["environment"], TableName.parse(row["table_name"]), row["fingerprint"])
        for row in rows
    ]
