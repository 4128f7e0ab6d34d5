"""Saved plans and who has approved them; an approval is of one plan, by its id."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.errors import StateError
from cdp_assets.state import tables
from cdp_assets.state.database import now


def save(conn: Connection, plan_id: str, *, environment: str, body: dict[str, Any], created_by: str) -> None:
    """Keep a plan; the same plan is kept once."""
    table = tables.saved_plan
    if conn.execute(sa.select(table.c.id).where(table.c.id == plan_id)).first() is None:
        values = {"environment": environment, "body": body, "created_by": created_by, "created_at": now()}
        conn.execute(sa.insert(table).values(id=plan_id, **values))


def get(conn: Connection, prefix: str) -> dict[str, Any]:
    """Give a saved plan by its id or the beginning of it; raises StateError unless it is exactly one."""
    table = tables.saved_plan
    query = sa.select(table.c.body).where(table.c.id.startswith(prefix, autoescape=True)).limit(2)
    found = list(conn.execute(query).scalars())
    if len(found) != 1:
        problem = "unknown" if not found else "more than one begins like this"
        raise StateError(f"plan {prefix[:16]}: {problem}. Expected the id of a plan that `cdp plan -o` saved.")
    return dict(found[0])


def approve(conn: Connection, plan_id: str, user: str) -> None:
    """Note that a user approves a plan; again changes nothing."""
    if user not in approvers(conn, plan_id):
        conn.execute(sa.insert(tables.approval).values(plan_id=plan_id, approved_by=user, approved_at=now()))


def approvers(conn: Connection, plan_id: str) -> set[str]:
    """Give the users who have approved a plan."""
    table = tables.approval
    return set(conn.execute(sa.select(table.c.approved_by).where(table.c.plan_id == plan_id)).scalars())
