"""The audit log: append-only, each row hashed with the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.hashing import sha256_of
from cdp_assets.state import tables
from cdp_assets.state.database import now, utc

FIRST = "0" * 64


def append(conn: Connection, *, acting_user: str, action: str, resource: str, detail: Mapping[str, Any]) -> None:
    """Add a row in the caller's transaction: no change without its row, no row without its change."""
    table = tables.audit
    previous = conn.execute(sa.select(table.c.hash).order_by(table.c.id.desc()).limit(1)).scalar() or FIRST
    moment = now()
    values = {"acting_user": acting_user, "action": action, "resource": resource, "detail": dict(detail)}
    digest = sha256_of([previous, moment.isoformat(), *values.values()])
    conn.execute(sa.insert(table).values(happened_at=moment, previous_hash=previous, hash=digest, **values))


def broken_at(conn: Connection) -> int | None:
    """Give the id of the first row that does not follow from the one before it, or nothing."""
    previous = FIRST
    for row in conn.execute(sa.select(tables.audit).order_by(tables.audit.c.id)).mappings():
        facts = [
            previous,
            utc(row["happened_at"]).isoformat(),
            row["acting_user"],
            row["action"],
            row["resource"],
            row["detail"],
        ]
        if row["previous_hash"] != previous or row["hash"] != sha256_of(facts):
            return int(row["id"])
        previous = row["hash"]
    return None
