"""Publications: which version of which table readers see, as one immutable set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from cdp_assets.errors import StateError
from cdp_assets.names import TableName
from cdp_assets.state import tables
from cdp_assets.state.database import now, utc

Coverage = Mapping[str, int | str]


@dataclass(frozen=True)
class Entry:
    """One table of a publication: where it is, at which version, and what was read to make it."""

    table: TableName
    path: str
    version: int
    coverage: Coverage


@dataclass(frozen=True)
class Publication:
    """An immutable set of table versions."""

    id: int
    environment: str
    parent_id: int | None
    run_id: str
    revision_id: str
    business_date: dt.date
    created_at: dt.datetime
    entries: Mapping[TableName, Entry]

    def entry(self, table: TableName) -> Entry:
        """Give a table's entry; raises StateError when the publication has none."""
        if table not in self.entries:
            raise StateError(
                f"{table}: not in publication {self.id} of {self.environment}. "
                "Expected a run that builds it to publish first."
            )
        return self.entries[table]


def current(conn: Connection, environment: str) -> Publication | None:
    """Give the publication that readers of an environment see now."""
    table = tables.environment
    found = conn.execute(sa.select(table.c.publication_id).where(table.c.name == environment)).scalar()
    return None if found is None else get(conn, found)


def get(conn: Connection, publication_id: int) -> Publication:
    """Give one publication with all its entries."""
    table = tables.publication
    row = conn.execute(sa.select(table).where(table.c.id == publication_id)).mappings().first()
    if row is None:
        raise StateError(f"publication {publication_id}: unknown. Expected one that `cdp history` lists.")
    return _publication(row, entries_of(conn, tables.publication_table, "publication_id", publication_id))


def insert(
    conn: Connection,
    *,
    environment: str,
    parent_id: int | None,
    run_id: str,
    revision_id: str,
    business_date: dt.date,
    entries: Iterable[Entry],
) -> int:
    """Write a publication and give its id; readers see it once the environment points to it."""
    publication_id: int = conn.execute(
        sa.insert(tables.publication)
        .values(
            environment=environment,
            parent_id=parent_id,
            run_id=run_id,
            revision_id=revision_id,
            business_date=business_date,
            created_at=now(),
        )
        .returning(tables.publication.c.id)
    ).scalar_one()
    rows = [
        {
            "publication_id": publication_id,
            "table_name": str(entry.table),
            "path": entry.path,
            "version": entry.version,
            "coverage": dict(entry.coverage),
        }
        for entry in entries
    ]
    if rows:
        conn.execute(sa.insert(tables.publication_table), rows)
    return publication_id


def history(conn: Connection, environment: str, limit: int = 20) -> list[Publication]:
    """Give an environment's newest publications, newest first."""
    table = tables.publication
    query = sa.select(table.c.id).where(table.c.environment == environment).order_by(table.c.id.desc()).limit(limit)
    return [get(conn, publication_id) for publication_id in conn.execute(query).scalars()]


def entries_of(conn: Connection, table: sa.Table, column: str, value: int | str) -> dict[TableName, Entry]:
    """Give the entries of a publication or of a run, by table."""
    rows = conn.execute(sa.select(table).where(table.c[column] == value)).mappings()
    found = (Entry(TableName.parse(row["table_name"]), row["path"], row["version"], row["coverage"]) for row in rows)
    return {entry.table: entry for entry in found}


def _publication(row: RowMapping, entries: Mapping[TableName, Entry]) -> Publication:
    return Publication(
        id=row["id"],
        environment=row["environment"],
        parent_id=row["parent_id"],
        run_id=row["run_id"],
        revision_id=row["revision_id"],
        business_date=row["business_date"],
        created_at=utc(row["created_at"]),
        entries=entries,
    )
