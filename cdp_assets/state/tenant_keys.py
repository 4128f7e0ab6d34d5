"""Keys of the tenant's own, made once: ids are keyed hashes."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.state import tables
from cdp_assets.state.database import now

KEY_BYTES = 32


def get_or_create(conn: Connection, purpose: str) -> bytes:
    """Give the key for a purpose, making it on first use; it never changes, or every new id would."""
    table = tables.tenant_key
    found = conn.execute(sa.select(table.c.key).where(table.c.purpose == purpose)).scalar()
    if found is not None:
        return bytes(found)
    key = secrets.token_bytes(KEY_BYTES)
    conn.execute(sa.insert(table).values(purpose=purpose, key=key, created_at=now()))
    return key
