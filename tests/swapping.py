"""Swaps what production runs, as the end of an apply does."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from cdp_assets.names import PRODUCTION
from cdp_assets.state import environments

BY = {"plan_id": "p", "applied_by": "ann", "source": "files", "message": ""}
NOTHING = {"publication_before": None, "publication_after": None}


def swapped(conn: Connection, revision_id: str, **otherwise: Any) -> int:
    """Let production run a revision, as of the serial that it is at, and give the serial after; `otherwise` differs."""
    now = environments.get_or_create(conn, PRODUCTION)
    seen = {"lineage": now.lineage, "serial": now.serial}
    return environments.swap(conn, PRODUCTION, revision_id=revision_id, **{**seen, **BY, **NOTHING, **otherwise})
