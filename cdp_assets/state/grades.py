"""Grades: whether people find that two records are one person; a pair is kept as a hash, never its keys."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.state import tables
from cdp_assets.state.database import now


def put(conn: Connection, environment: str, pair: str, *, is_one_person: bool, graded_by: str) -> None:
    """Keep a grade; the last word about a pair counts."""
    table = tables.stitch_grade
    conn.execute(sa.delete(table).where(table.c.environment == environment, table.c.pair == pair))
    values = {"environment": environment, "pair": pair, "is_one_person": is_one_person, "graded_by": graded_by}
    conn.execute(sa.insert(table).values(values | {"graded_at": now()}))


def of_environment(conn: Connection, environment: str) -> dict[str, bool]:
    """Give every graded pair, and whether its records are one person."""
    table = tables.stitch_grade
    query = sa.select(table.c.pair, table.c.is_one_person).where(table.c.environment == environment)
    return {row.pair: row.is_one_person for row in conn.execute(query)}
