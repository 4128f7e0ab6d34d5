"""Readers: who looks at a publication right now, so that nothing of it is removed under them."""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.state import tables
from cdp_assets.state.database import State, now, utc

LEASE_S = 3600.0
"""Longer than a query may take; a reader that dies is forgotten after it."""


@contextlib.contextmanager
def reading(state: State, publication_id: int, holder: str) -> Iterator[None]:
    """Keep a publication's tables for the block."""
    table, reader_id = tables.reader, str(uuid.uuid4())
    with state.write() as conn:
        expires_at = now() + dt.timedelta(seconds=LEASE_S)
        conn.execute(
            sa.insert(table).values(id=reader_id, publication_id=publication_id, holder=holder, expires_at=expires_at)
        )
    try:
        yield
    finally:
        with state.write() as conn:
            conn.execute(sa.delete(table).where(table.c.id == reader_id))


def publications_read(conn: Connection) -> set[int]:
    """Give the publications that somebody reads."""
    moment = now()
    rows = conn.execute(sa.select(tables.reader)).mappings()
    return {row["publication_id"] for row in rows if utc(row["expires_at"]) > moment}
