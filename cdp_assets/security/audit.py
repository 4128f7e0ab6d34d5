"""Records who did what, in the same transaction as the change itself."""

from __future__ import annotations

from typing import Any

from sqlalchemy.engine import Connection

from cdp_assets.state import audit_log


def record(conn: Connection, user: str, action: str, resource: str, **detail: Any) -> None:
    """Note an action such as `environment:apply`; `detail` holds names and counts, never values or secrets."""
    audit_log.append(conn, acting_user=user, action=action, resource=resource, detail=detail)
