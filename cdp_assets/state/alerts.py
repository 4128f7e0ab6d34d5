"""Alerts: one row per happening and receiver, from the moment it is noted until it is sent or given up.

A row is `sending` while its message is on the way. One that a crash has left there is never sent again, because it may
have arrived: after a while it is `unsure`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from cdp_assets.hashing import sha256_of
from cdp_assets.state import tables
from cdp_assets.state.database import now

State = Literal["due", "sending", "sent", "failed", "unsure"]
UNSURE_AFTER = dt.timedelta(minutes=10)
"""Longer than any receiver's answer is waited for."""


@dataclass(frozen=True)
class Noted:
    """An alert that is to be sent, or was."""

    id: str
    environment: str
    alert: str
    event: str
    run_id: str
    message: Mapping[str, Any]
    happened_at: dt.datetime
    state: State
    attempts: int
    problem: str | None


def note(
    conn: Connection, *, environment: str, alert: str, event: str, of: str, run_id: str, message: Mapping[str, Any]
) -> bool:
    """Note a happening for a receiver, and say whether it is new. `of` tells happenings of an event apart."""
    table = tables.alert
    alert_id = sha256_of([environment, alert, event, of])[:32]
    if conn.execute(sa.select(table.c.id).where(table.c.id == alert_id)).first() is not None:
        return False
    values = {"environment": environment, "alert": alert, "event": event, "run_id": run_id, "message": dict(message)}
    moment = now()
    conn.execute(
        sa.insert(table).values(
            id=alert_id, state="due", attempts=0, happened_at=moment, next_at=moment, changed_at=moment, **values
        )
    )
    return True


def take(conn: Connection, environment: str) -> Noted | None:
    """Begin to send the alert that is due first, or give nothing; nobody else takes it."""
    table = tables.alert
    due = (table.c.environment == environment, table.c.state == "due", table.c.next_at <= now())
    row = conn.execute(sa.select(table).where(*due).order_by(table.c.next_at, table.c.id).limit(1)).mappings().first()
    if row is None:
        return None
    _set(conn, row["id"], state="sending", attempts=row["attempts"] + 1)
    return _noted({**row, "state": "sending", "attempts": row["attempts"] + 1})


def sent(conn: Connection, alert_id: str) -> None:
    """Note that the receiver has the message."""
    _set(conn, alert_id, state="sent", problem=None)


def put_off(conn: Connection, alert_id: str, *, seconds: float, problem: str) -> None:
    """Note that the receiver did not answer; it is tried again so many seconds from now."""
    _set(conn, alert_id, state="due", problem=problem, next_at=now() + dt.timedelta(seconds=seconds))


def give_up(conn: Connection, alert_id: str, *, problem: str) -> None:
    """Note that the receiver refuses the message, or did not answer too often."""
    _set(conn, alert_id, state="failed", problem=problem)


def doubt(conn: Connection, environment: str) -> int:
    """Mark what a crash has left on the way: nobody knows whether it arrived. Gives how many there are."""
    table = tables.alert
    left = (
        table.c.environment == environment,
        table.c.state == "sending",
        table.c.changed_at <= now() - UNSURE_AFTER,
    )
    problem = "the platform ended while it was sent; it may have arrived"
    return conn.execute(sa.update(table).where(*left).values(state="unsure", problem=problem)).rowcount


def listed(conn: Connection, environment: str, limit: int) -> list[Noted]:
    """Give the latest alerts of an environment, newest first."""
    table = tables.alert
    query = sa.select(table).where(table.c.environment == environment)
    rows = conn.execute(query.order_by(table.c.happened_at.desc(), table.c.id).limit(limit)).mappings()
    return [_noted(row) for row in rows]


def _set(conn: Connection, alert_id: str, **values: object) -> None:
    conn.execute(sa.update(tables.alert).where(tables.alert.c.id == alert_id).values(changed_at=now(), **values))


def _noted(row: Mapping[Any, Any] | RowMapping) -> Noted:
    return Noted(**{field: row[field] for field in Noted.__dataclass_fields__})
