"""Environments: lineage, serial and active revision; the serial counts applies."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.errors import StalePlanError
from cdp_assets.state import tables
from cdp_assets.state.database import now


@dataclass(frozen=True)
class Environment:
    """One environment as it is now."""

    name: str
    lineage: str
    serial: int
    revision_id: str | None
    publication_id: int | None


def get(conn: Connection, name: str) -> Environment | None:
    """Give an environment, or nothing."""
    table = tables.environment
    row = conn.execute(sa.select(table).where(table.c.name == name)).mappings().first()
    if row is None:
        return None
    return Environment(row["name"], row["lineage"], row["serial"], row["revision_id"], row["publication_id"])


def get_or_create(conn: Connection, name: str) -> Environment:
    """Give an environment, making it with a new lineage and serial 0 where it is absent."""
    found = get(conn, name)
    if found is not None:
        return found
    made = Environment(name, lineage=str(uuid.uuid4()), serial=0, revision_id=None, publication_id=None)
    values = {"name": name, "lineage": made.lineage, "serial": made.serial, "created_at": now()}
    conn.execute(sa.insert(tables.environment).values(**values))
    return made


def swap(
    conn: Connection, name: str, *, lineage: str, serial: int, revision_id: str, plan_id: str, applied_by: str
) -> int:
    """Activate a revision if lineage and serial are still the plan's; give the new serial.

    Raises StalePlanError otherwise, and the caller's transaction is undone with everything in it.
    """
    table = tables.environment
    changed = conn.execute(
        sa.update(table)
        .where(table.c.name == name, table.c.lineage == lineage, table.c.serial == serial)
        .values(serial=serial + 1, revision_id=revision_id)
    ).rowcount
    if changed != 1:
        raise StalePlanError(stale_text(name))
    conn.execute(
        sa.insert(tables.applied).values(
            environment=name,
            serial=serial + 1,
            revision_id=revision_id,
            plan_id=plan_id,
            applied_by=applied_by,
            applied_at=now(),
        )
    )
    return serial + 1


def stale_text(name: str) -> str:
    """Say that a saved plan is too old, and what to do."""
    return (
        f"Saved plan is stale: {name} was changed by another operation after the plan was created. "
        "Expected a plan made from its present state; run `cdp plan` again."
    )
