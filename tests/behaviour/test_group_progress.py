"""How far courier groups have come, in every database that state can live in."""

from __future__ import annotations

import datetime as dt

from cdp_assets.names import PRODUCTION
from cdp_assets.state import group_progress
from cdp_assets.state.database import State

DAY = dt.date(2026, 11, 20)
DUE = dt.datetime(2026, 11, 20, 2, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))


def test_progress_never_goes_back(state: State) -> None:
    """A run for earlier days that ends late takes nothing away."""
    with state.write() as conn:
        assert group_progress.until(conn, PRODUCTION, "daily", "orders") is None
        for offset in (0, 2, 1):
            group_progress.advance(conn, PRODUCTION, "daily", "orders", DAY + dt.timedelta(days=offset))
        assert group_progress.until(conn, PRODUCTION, "daily", "orders") == dt.date(2026, 11, 22)
        assert group_progress.until(conn, PRODUCTION, "weekly", "orders") is None


def test_a_wait_is_noted_once_and_forgotten(state: State) -> None:
    """By the moment that was due, whatever zone it is spelled in."""
    with state.write() as conn:
        group_progress.wait(conn, PRODUCTION, "daily", DUE)
        group_progress.wait(conn, PRODUCTION, "daily", DUE.astimezone(dt.UTC))
        group_progress.wait(conn, PRODUCTION, "daily", DUE + dt.timedelta(days=1))
        first, second = group_progress.waiting(conn, PRODUCTION)
        assert (first.group, first.due_at) == ("daily", DUE)
        group_progress.end_wait(conn, PRODUCTION, first)
        assert group_progress.waiting(conn, PRODUCTION) == [second]
