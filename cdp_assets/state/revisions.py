"""Revisions: whole configurations by content, never changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.errors import StateError
from cdp_assets.hashing import sha256_of
from cdp_assets.state import tables
from cdp_assets.state.database import now


def put(
    conn: Connection, body: dict[str, Any], *, created_by: str, message: str, files: Mapping[str, str] | None = None
) -> str:
    """Keep a configuration and give its id, the hash of its content; the same content is kept once.

    `files` is the text that says it, comments and all, by path: what a rollback or a merge writes again.
    """
    revision_id = sha256_of(body)
    table = tables.revision
    if conn.execute(sa.select(table.c.id).where(table.c.id == revision_id)).first() is None:
        values = {
            "id": revision_id,
            "body": body,
            "files": None if files is None else dict(files),
            "message": message,
            "created_by": created_by,
            "created_at": now(),
        }
        conn.execute(sa.insert(table).values(**values))
    return revision_id


def get(conn: Connection, revision_id: str) -> str:
    """Give a revision's content as JSON; raises StateError for an unknown id."""
    table = tables.revision
    body: str | None = conn.execute(sa.select(sa.cast(table.c.body, sa.Text)).where(table.c.id == revision_id)).scalar()
    if body is None:
        raise StateError(f"revision {revision_id[:12]}: unknown. Expected one that `cdp history` lists.")
    return body


def files(conn: Connection, revision_id: str) -> dict[str, str]:
    """Give the text of a revision's files by path; nothing where it was never known."""
    table = tables.revision
    return dict(conn.execute(sa.select(table.c.files).where(table.c.id == revision_id)).scalar() or {})
