"""Deletions: records that must not be in any table again; every load and rebuild applies them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.state import tables
from cdp_assets.state.database import now


def add(conn: Connection, *, environment: str, datasource: str, pk: str, why: str, requested_by: str) -> None:
    """Note that a record is deleted; noting it again changes nothing."""
    if pk in keys_for(conn, environment, datasource):
        return
    values = {
        "environment": environment,
        "datasource": datasource,
        "pk": pk,
        "why": why,
        "requested_by": requested_by,
    }
    conn.execute(sa.insert(tables.deletion).values(since=now(), **values))


def keys_for(conn: Connection, environment: str, datasource: str) -> frozenset[str]:
    """Give the primary keys of a datasource that are deleted."""
    table = tables.deletion
    query = sa.select(table.c.pk).where(table.c.environment == environment, table.c.datasource == datasource)
    return frozenset(conn.execute(query).scalars())
