"""Which rows of the ledgers are over and old enough to go: nothing waits for them, and nothing is decided by them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from cdp_assets.environments.janitor import KEPT_DAYS
from cdp_assets.environments.permission import allow
from cdp_assets.names import PRODUCTION
from cdp_assets.security.audit import record
from cdp_assets.state import tables
from cdp_assets.state.database import State, now

TOLD = ("sent", "failed", "unsure")
"""States of an alert that is not sent, or sent again, any more."""


def remove_ended(state: State, user: str, *, dry_run: bool = True, kept_days: int = KEPT_DAYS) -> dict[str, int]:
    """Give how many rows of each ledger ended longer ago than they are kept; unless it is a dry run they are removed.

    These are alerts that were told or given up, runs of queries, and readers that have gone. What was landed, loaded,
    delivered, applied, published or audited stays for ever: what comes next is held against it.
    """
    allow(state, user, "state:collect-garbage", PRODUCTION)
    ended = _ended(now() - dt.timedelta(days=kept_days))
    if dry_run:
        with state.read() as conn:
            return {name: conn.execute(_count(table, over)).scalar() or 0 for name, (table, over) in ended.items()}
    with state.write() as conn:
        removed = {name: conn.execute(sa.delete(table).where(over)).rowcount for name, (table, over) in ended.items()}
        if any(removed.values()):
            record(conn, user, "state:collect-garbage", "ledgers", **removed)
    return removed


def _ended(before: dt.datetime) -> dict[str, tuple[sa.Table, sa.ColumnElement[bool]]]:
    alert, query_run, reader = tables.alert.c, tables.query_run.c, tables.reader.c
    return {
        "alerts": (tables.alert, sa.and_(alert.state.in_(TOLD), alert.changed_at < before)),
        "query runs": (tables.query_run, query_run.ended_at < before),
        "readers": (tables.reader, reader.expires_at < before),
    }


def _count(table: sa.Table, over: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(sa.func.count()).select_from(table).where(over)
