"""Sandboxes: whose each is, and the production revision that it was made from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.errors import StateError
from cdp_assets.names import SANDBOX_PREFIX
from cdp_assets.state import tables
from cdp_assets.state.database import now, utc

SandboxState = Literal["open", "deleting", "deleted"]


@dataclass(frozen=True)
class Sandbox:
    """One sandbox as it is now; `base_revision_id` is the common ancestor of a merge with production."""

    environment: str
    owner: str
    description: str
    base_revision_id: str
    bindings: Mapping[str, Any]
    """What it may reach outside: `destinations` and `secrets`, as its `sandbox.yaml` says."""
    state: SandboxState
    created_at: dt.datetime

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.environment.removeprefix(SANDBOX_PREFIX)


def put(conn: Connection, environment: str, *, owner: str, description: str, base_revision_id: str) -> None:
    """Note a new sandbox, or one made again under the name of a deleted one."""
    table = tables.sandbox
    conn.execute(sa.delete(table).where(table.c.environment == environment, table.c.state == "deleted"))
    conn.execute(
        sa.insert(table).values(
            environment=environment,
            owner=owner,
            description=description,
            base_revision_id=base_revision_id,
            bindings={},
            state="open",
            created_at=now(),
        )
    )


def find(conn: Connection, environment: str) -> Sandbox | None:
    """Give a sandbox that is not deleted, or nothing."""
    table = tables.sandbox
    query = sa.select(table).where(table.c.environment == environment, table.c.state != "deleted")
    row = conn.execute(query).mappings().first()
    return None if row is None else _sandbox(row)


def get(conn: Connection, environment: str) -> Sandbox:
    """Give a sandbox; raises StateError for an unknown or deleted one."""
    found = find(conn, environment)
    if found is None:
        known = ", ".join(sandbox.name for sandbox in listed(conn)) or "none yet"
        name = environment.removeprefix(SANDBOX_PREFIX)
        raise StateError(f"sandbox {name}: unknown. Expected one of: {known}.")
    return found


def listed(conn: Connection) -> list[Sandbox]:
    """Give every sandbox that is not deleted, by name."""
    table = tables.sandbox
    query = sa.select(table).where(table.c.state != "deleted").order_by(table.c.environment)
    return [_sandbox(row) for row in conn.execute(query).mappings()]


def rebase(conn: Connection, environment: str, base_revision_id: str) -> None:
    """Note that a sandbox holds everything of a later production revision."""
    _update(conn, environment, base_revision_id=base_revision_id)


def bind(conn: Connection, environment: str, bindings: Mapping[str, Any]) -> None:
    """Note what a sandbox may reach."""
    _update(conn, environment, bindings=dict(bindings))


def mark(conn: Connection, environment: str, state: SandboxState) -> None:
    """Note how far a sandbox's deletion has come."""
    _update(conn, environment, state=state)


def _update(conn: Connection, environment: str, **values: object) -> None:
    table = tables.sandbox
    conn.execute(sa.update(table).where(table.c.environment == environment).values(**values))


def _sandbox(row: sa.RowMapping) -> Sandbox:
    return Sandbox(
        row["environment"],
        row["owner"],
        row["description"],
        row["base_revision_id"],
        row["bindings"],
        row["state"],
        utc(row["created_at"]),
    )
