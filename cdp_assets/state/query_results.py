"""Query results: where the answer of a query for a publication is kept."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.state import tables


@dataclass(frozen=True)
class QueryResult:
    """A Delta table's version that holds an answer."""

    path: str
    version: int
    rows: int


def put(
    conn: Connection, *, environment: str, publication_id: int, query: str, fingerprint: str, result: QueryResult
) -> None:
    """Keep where an answer is; a repeated answer's last word counts."""
    table = tables.query_result
    key = {"environment": environment, "publication_id": publication_id, "query": query, "fingerprint": fingerprint}
    conn.execute(sa.delete(table).where(*(table.c[name] == value for name, value in key.items())))
    conn.execute(sa.insert(table).values(**key, path=result.path, version=result.version, rows=result.rows))


def find(conn: Connection, *, environment: str, publication_id: int, query: str, fingerprint: str) -> QueryResult | None:
    """Give the kept answer of a query for a publication, or nothing."""
    table = tables.query_result
    key = {"environment": environment, "publication_id": publication_id, "query": query, "fingerprint": fingerprint}
    row = conn.execute(sa.select(table).where(*(table.c[name] == value for name, value in key.items()))).mappings().first()
    return None if row is None else QueryResult(row["path"], row["version"], row["rows"])
