"""Environments: lineage, serial and active revision; the serial counts applies."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.errors import StalePlanError
from cdp_assets.state import tables
from cdp_assets.state.database import now, utc


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


@dataclass(frozen=True)
class Applied:
    """One row of an environment's history: what was activated, by whom, and what readers saw before and after."""

    serial: int
    revision_id: str
    plan_id: str
    applied_by: str
    applied_at: dt.datetime
    source: str
    message: str
    publication_before: int | None
    publication_after: int | None


def history(conn: Connection, name: str) -> list[Applied]:
    """Give an environment's applies, newest first."""
    table = tables.applied
    rows = conn.execute(sa.select(table).where(table.c.environment == name).order_by(table.c.serial.desc())).mappings()
    return [
        Applied(
            row["serial"],
            row["revision_id"],
            row["plan_id"],
            row["applied_by"],
            utc(row["applied_at"]),
            row["source"],
            row["message"],
            row["publication_before"],
            row["publication_after"],
        )
        for row in rows
    ]


def begin_again(conn: Connection, name: str, revision_id: str, publication_id: int | None) -> Environment:
    """Give a new lineage to an environment, new or deleted before; its serial goes on, so no old plan fits."""
    found = get_or_create(conn, name)
    values = {
        "lineage": str(uuid.uuid4()) if found.revision_id is not None else found.lineage,
        "revision_id": revision_id,
        "publication_id": publication_id,
    }
    conn.execute(sa.update(tables.environment).where(tables.environment.c.name == name).values(**values))
    made = get(conn, name)
    assert made is not None  # noqa: S101 - made above
    return made


def publish(conn: Connection, name: str, publication_id: int) -> None:
    """Let an environment's readers see a publication."""
    table = tables.environment
    conn.execute(sa.update(table).where(table.c.name == name).values(publication_id=publication_id))


def swap(
    conn: Connection,
    name: str,
    *,
    lineage: str,
    serial: int,
    revision_id: str,
    publication_before: int | None,
    publication_after: int | None,
    plan_id: str,
    applied_by: str,
    source: str,
    message: str,
) -> int:
    """Activate revision and publication if lineage, serial and publication are still as seen; give the new serial.

    Raises StalePlanError otherwise, and the caller's transaction is undone with everything in it.
    """
    table = tables.environment
    changed = conn.execute(
        sa.update(table)
        .where(
            table.c.name == name,
            table.c.lineage == lineage,
            table.c.serial == serial,
            table.c.publication_id.is_not_distinct_from(publication_before),
        )
        .values(serial=serial + 1, revision_id=revision_id, publication_id=publication_after)
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
            source=source,
            message=message,
            publication_before=publication_before,
            publication_after=publication_after,
        )
    )
    return serial + 1


def stale_text(name: str) -> str:
    """Say that a saved plan is too old, and what to do."""
    return (
        f"Saved plan is stale: {name} was changed by another operation after the plan was created. "
        "Expected a plan made from its present state; run `cdp plan` again."
    )
