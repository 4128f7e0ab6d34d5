"""The journal of applies: what each intends is written before anything is made, so that a crash can be cleared up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.errors import LockedError, StateError
from cdp_assets.state import tables
from cdp_assets.state.database import now, utc

ApplyState = Literal["building", "swapped", "done", "withdrawn"]
OPEN: tuple[ApplyState, ...] = ("building", "swapped")
"""An environment has one such apply at most: a unique index says so."""


@dataclass(frozen=True)
class Apply:
    """One apply: building, then swapped (the commit point), then done; or withdrawn without a trace."""

    id: str
    environment: str
    plan_id: str
    plan: Mapping[str, Any]
    options: Mapping[str, Any]
    state: ApplyState
    fence: int
    run_id: str | None
    serial: int | None
    began_by: str
    began_at: dt.datetime


def begin(
    conn: Connection,
    apply_id: str,
    *,
    environment: str,
    plan_id: str,
    plan: Mapping[str, Any],
    options: Mapping[str, Any],
    fence: int,
    began_by: str,
) -> None:
    """Write the intent down; raises LockedError while another apply of the environment is open."""
    other = find_open(conn, environment)
    if other is not None:
        raise LockedError(
            f"{environment}: an apply of {other.began_by}, begun {other.began_at:%Y-%m-%d %H:%M:%S} UTC, is not "
            "finished. Expected none; wait for it, or, if its process has died, run `cdp apply --recover`."
        )
    conn.execute(
        sa.insert(tables.apply).values(
            id=apply_id,
            environment=environment,
            plan_id=plan_id,
            plan=dict(plan),
            options=dict(options),
            state="building",
            fence=fence,
            began_by=began_by,
            began_at=now(),
        )
    )


def find_open(conn: Connection, environment: str) -> Apply | None:
    """Give the environment's apply that is neither done nor withdrawn."""
    table = tables.apply
    query = sa.select(table).where(table.c.environment == environment, table.c.state.in_(OPEN))
    row = conn.execute(query).mappings().first()
    return None if row is None else _apply(row)


def get(conn: Connection, apply_id: str) -> Apply:
    """Give an apply; raises StateError for an unknown one."""
    row = conn.execute(sa.select(tables.apply).where(tables.apply.c.id == apply_id)).mappings().first()
    if row is None:
        raise StateError(f"apply {apply_id[:8]}: unknown. Expected one of this installation.")
    return _apply(row)


def refuse_fenced(conn: Connection, apply_id: str, fence: int) -> None:
    """Raise LockedError when somebody else has taken this apply over or withdrawn it: its old process must stop."""
    found = get(conn, apply_id)
    if found.state != "building" or found.fence != fence:
        raise LockedError(
            f"apply {apply_id[:8]} of {found.environment}: taken over while it ran. Expected nothing to write any more."
        )


def take_over(conn: Connection, apply_id: str, fence: int) -> None:
    """Let a recovery go on with an apply; the process that began it is fenced off."""
    _update(conn, apply_id, fence=fence)


def staged_run(conn: Connection, apply_id: str, run_id: str) -> None:
    """Note the run that builds an apply's tables."""
    _update(conn, apply_id, run_id=run_id)


def mark_swapped(conn: Connection, apply_id: str, serial: int) -> None:
    """Note, in the swap's own transaction, that the apply has happened."""
    _update(conn, apply_id, state="swapped", serial=serial)


def end(conn: Connection, apply_id: str, state: Literal["done", "withdrawn"], problem: str | None = None) -> None:
    """Close an apply."""
    _update(conn, apply_id, state=state, ended_at=now(), problem=problem)


def steps_done(conn: Connection, apply_id: str) -> set[str]:
    """Give the projections that are done."""
    table = tables.apply_step
    return set(conn.execute(sa.select(table.c.name).where(table.c.apply_id == apply_id)).scalars())


def step_done(conn: Connection, apply_id: str, name: str) -> None:
    """Note that a projection is done."""
    if name not in steps_done(conn, apply_id):
        conn.execute(sa.insert(tables.apply_step).values(apply_id=apply_id, name=name, done_at=now()))


def _update(conn: Connection, apply_id: str, **values: object) -> None:
    conn.execute(sa.update(tables.apply).where(tables.apply.c.id == apply_id).values(**values))


def _apply(row: sa.RowMapping) -> Apply:
    return Apply(
        id=row["id"],
        environment=row["environment"],
        plan_id=row["plan_id"],
        plan=row["plan"],
        options=row["options"],
        state=row["state"],
        fence=row["fence"],
        run_id=row["run_id"],
        serial=row["serial"],
        began_by=row["began_by"],
        began_at=utc(row["began_at"]),
    )
