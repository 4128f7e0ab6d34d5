"""Query results: where the answer of a query for a publication is kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.state import tables


@dataclass(frozen=True)
class ResultKey:
    """What an answer is for."""

    environment: str
    publication_id: int
    query: str
    fingerprint: str


@dataclass(frozen=True)
class QueryResult:
    """A Delta table's version that holds an answer."""

    path: str
    version: int
    rows: int


def put(conn: Connection, key: ResultKey, result: QueryResult) -> None:
    """Keep where an answer is; a repeated answer's last word counts."""
    conn.execute(sa.delete(tables.query_result).where(*_is(key)))
    conn.execute(sa.insert(tables.query_result).values(**asdict(key), **asdict(result)))


def find(conn: Connection, key: ResultKey) -> QueryResult | None:
    """Give the kept answer of a query for a publication, or nothing."""
    row = conn.execute(sa.select(tables.query_result).where(*_is(key))).mappings().first()
    return None if row is None else QueryResult(row["path"], row["version"], row["rows"])


def _is(key: ResultKey) -> list[sa.ColumnElement[bool]]:
    return [tables.query_result.c[name] == value for name, value in asdict(key).items()]
