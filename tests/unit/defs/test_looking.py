"""What a run wants of a courier, by its configuration, its group's schedule, or nothing at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dagster as dg
import pytest

from cdp_assets.cli import demo
from cdp_assets.config.courier_group import CourierInGroup
from cdp_assets.defs.environment import environment_definitions, revision_definitions
from cdp_assets.defs.looking import DUE_TAG, GROUP_TAG, Look, period_of, wanted_by
from cdp_assets.defs.platform import Platform, Revision, active_revision
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.sources.wanted import EVER, NEWS, Period
from cdp_assets.state import group_progress, landed_files
from cdp_assets.state.database import State
from tests.homes import applied_home

ORDERS = dg.AssetKey([PRODUCTION, "landing", "orders"])
DAY = dt.date(2026, 11, 20)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with the demo tenant applied, and all its files dropped."""
    home = applied_home(tmp_path)
    for day in demo.DAYS:
        demo.drop(day, home.drop(PRODUCTION))
    return home


@pytest.fixture
def revision(home: Home) -> Revision:
    """What is applied."""
    found = active_revision(home, PRODUCTION)
    assert found is not None
    return found


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster that keeps nothing."""
    with dg.DagsterInstance.ephemeral() as found:
        yield found


def land(home: Home, instance: dg.DagsterInstance, revision: Revision | None = None, **tags: str) -> bool:
    """Run the landing of `orders` alone; say whether it succeeded."""
    made = revision_definitions(home, revision) if revision else environment_definitions(home, PRODUCTION)
    job = made.resolve_job_def("group_daily")
    done = job.execute_in_process(instance=instance, tags=tags, asset_selection=[ORDERS], raise_on_error=False)
    return done.success


def days(home: Home) -> list[int]:
    """Give the file dates of what has landed."""
    with State.open(home.state).read() as conn:
        return sorted(file.file_date.day for file in landed_files.of_courier(conn, PRODUCTION, "orders"))


def due(day: int) -> dict[str, str]:
    """Give the tags of a scheduled run."""
    return {GROUP_TAG: "daily", DUE_TAG: f"2026-11-{day}T04:30:00-05:00"}


def test_scheduled_runs_take_their_day_then_what_they_owe(home: Home, instance: dg.DagsterInstance) -> None:
    """The first takes the 21st; the second, a day late, what came since and what came late; the days are noted."""
    assert land(home, instance, **due(21))
    assert days(home) == [21]
    assert land(home, instance, **due(23))
    assert days(home) == [20, 21, 22]
    with State.open(home.state).read() as conn:
        assert group_progress.until(conn, PRODUCTION, "daily", "orders") == dt.date(2026, 11, 24)
        assert group_progress.until(conn, PRODUCTION, "daily", "ecom") is None


def test_a_run_that_stops_owes_its_days_to_the_next(
    home: Home, revision: Revision, instance: dg.DagsterInstance
) -> None:
    """What was missed is looked for again; the run that finds it goes on from there."""
    stopping = {"orders": CourierInGroup(stop_when_missing=True)}
    group = revision.tenant.courier_groups["daily"].model_copy(update={"per_courier": stopping})
    tenant = revision.tenant.model_copy(update={"courier_groups": {"daily": group}})
    changed = replace(revision, tenant=tenant)
    assert land(home, instance, changed, **due(22))
    assert not land(home, instance, changed, **due(23))
    late = home.drop(PRODUCTION) / "orders" / "order_items_2026_11_23.csv"
    late.write_text("late\n")
    assert land(home, instance, changed, **due(24))
    assert days(home) == [20, 21, 22, 23]


def test_a_run_that_nobody_has_scheduled_takes_what_is_new(home: Home, instance: dg.DagsterInstance) -> None:
    """And owes nothing."""
    assert land(home, instance)
    assert days(home) == [20, 21, 22]
    with State.open(home.state).read() as conn:
        assert group_progress.until(conn, PRODUCTION, "daily", "orders") is None


def test_what_an_operator_names_goes_before_the_schedule(home: Home, revision: Revision) -> None:
    """As written in the Launchpad; a day alone is that day."""
    platform = Platform(home_path=str(home.root), environment=PRODUCTION)
    orders, tenant = revision.tenant.couriers["orders"], revision.tenant
    for look, wanted in (
        (Look(start="2026-11-20"), Period(DAY, DAY + dt.timedelta(days=1))),
        (Look(start="2026-11-20", end="2026-11-30"), Period(DAY, dt.date(2026, 11, 30))),
    ):
        assert wanted_by(look, due(23), tenant, platform, orders).period == wanted
    assert wanted_by(Look(), {}, tenant, platform, orders) == NEWS
    skipping = wanted_by(Look(skip_missing=True), {}, tenant, platform, orders)
    assert (skipping.period, skipping.skip_missing) == (EVER, True)


@pytest.mark.parametrize(
    ("start", "end"),
    [("20.11.2026", ""), ("2026-11-20", "x"), ("2026-11-20", "2026-11-20"), ("2026-11-20", "2026-11-19")],
)
def test_a_period_that_is_none_fails_at_once(start: str, end: str) -> None:
    """With what would be right, and without a retry."""
    with pytest.raises(dg.Failure, match="Expected dates such as 2026-11-20, the end after the start") as error:
        period_of(start, end)
    assert error.value.allow_retries is False
