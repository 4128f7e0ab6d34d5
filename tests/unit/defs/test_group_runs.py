"""When a courier group runs: once a local day, and not before the files that it waits for."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator

from cdp_assets.cli import demo
from cdp_assets.config.courier_group import CourierInGroup
from cdp_assets.defs.group_runs import RUN_KEY_TAG, group_schedules, waited_for, waits_sensor
from cdp_assets.defs.looking import DUE_TAG
from cdp_assets.defs.platform import BUSINESS_DATE_TAG, Platform, Revision, active_revision
from cdp_assets.names import PRODUCTION
from cdp_assets.state import environments, group_progress
from tests.homes import applied_home

CHANGES = {
    "Europe/Berlin": (dt.date(2026, 3, 29), dt.date(2026, 10, 25)),
    "America/Los_Angeles": (dt.date(2026, 3, 8), dt.date(2026, 11, 1)),
}
"""Time zone -> the days of 2026 on which its clocks change."""


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Revision:
    """The demo tenant, applied once."""
    home = applied_home(tmp_path_factory.mktemp("applied"))
    revision = active_revision(home, PRODUCTION)
    assert revision is not None
    return revision


class Group:
    """A courier group of an installation: its schedule, and the sensor of what waits."""

    def __init__(self, home: Path, revision: Revision, instance: dg.DagsterInstance, **values: Any) -> None:
        self.platform = Platform(home_path=str(home), environment=PRODUCTION)
        with self.platform.state.write() as conn:
            environments.get_or_create(conn, PRODUCTION)
        self.instance = instance
        self.group = revision.tenant.courier_groups["daily"].model_copy(update=values)
        tenant = revision.tenant.model_copy(update={"courier_groups": {"daily": self.group}})
        self.revision = replace(revision, tenant=tenant)
        self.jobs = {"daily": _job}
        (self.schedule,) = group_schedules(self.revision, self.jobs)

    def due(self, moment: dt.datetime) -> list[dg.RunRequest]:
        """Let the schedule tick."""
        context = dg.build_schedule_context(
            instance=self.instance, scheduled_execution_time=moment, resources={"platform": self.platform}
        )
        return list(self.schedule.evaluate_tick(context).run_requests or [])

    def look(self) -> list[dg.RunRequest]:
        """Let the sensor that waits look once."""
        sensor = waits_sensor(self.revision, self.jobs)
        assert sensor is not None
        context = dg.build_sensor_context(instance=self.instance, resources={"platform": self.platform})
        return list(sensor.evaluate_tick(context).run_requests or [])


@dg.job(name="group_daily")
def _job() -> None:
    """A job that does nothing."""


@pytest.fixture
def group(tmp_path: Path, applied: Revision) -> Iterator[Callable[..., Group]]:
    """Makes groups of an installation without files, and of a Dagster that keeps nothing."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield lambda **values: Group(tmp_path, applied, instance, **values)


@pytest.mark.parametrize("zone", CHANGES)
@pytest.mark.parametrize("cron", ["30 2 * * *", "30 1 * * *", "0 3 * * *"])
def test_every_local_day_runs_once_across_a_change_of_clocks(cron: str, zone: str, group: Callable[..., Group]) -> None:
    """By Dagster's own evaluation of the schedule, 02:30 of both nights included: no day is skipped or doubled."""
    nightly = group(schedule=cron, time_zone=zone)
    for change in CHANGES[zone]:
        first = dt.datetime.combine(change - dt.timedelta(days=3), dt.time(12), zoneinfo.ZoneInfo(zone))
        due = schedule_execution_time_iterator(first.timestamp(), nightly.schedule.cron_schedule, zone, ascending=True)
        requests = [request for _ in range(6) for request in nightly.due(next(due))]
        days = [(change + dt.timedelta(days=offset)).isoformat() for offset in range(-2, 4)]
        assert [request.tags[BUSINESS_DATE_TAG] for request in requests] == days
        assert len({request.run_key for request in requests}) == len(days)


def test_an_hourly_group_runs_in_every_hour(group: Callable[..., Group]) -> None:
    """The hour that a night has twice, too: each run has a key of its own."""
    hourly = group(schedule="0 * * * *", time_zone="Europe/Berlin")
    first = dt.datetime(2026, 10, 24, 22, tzinfo=dt.UTC)
    due = schedule_execution_time_iterator(first.timestamp(), "0 * * * *", "Europe/Berlin", ascending=True)
    requests = [request for _ in range(25) for request in hourly.due(next(due))]
    assert {request.tags[BUSINESS_DATE_TAG] for request in requests} == {"2026-10-25"}
    assert len({request.run_key for request in requests}) == 25


WAITS = {
    "per_courier": {"ecom": CourierInGroup(wait="4 hours"), "pos": CourierInGroup(wait="1 hour")},
    "time_zone": "UTC",
}


def moment() -> dt.datetime:
    """Give the present second."""
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def test_a_run_waits_for_the_files_of_its_couriers(group: Callable[..., Group]) -> None:
    """It starts as soon as they lie there, and says when it was due."""
    daily, now = group(**WAITS), moment()
    assert daily.due(now) == []
    assert daily.look() == []
    for courier, name in (("ecom", f"customers_{now:%Y_%m_%d}.csv.gz"), ("pos", f"shoppers_{now:%Y%m%d}.psv")):
        place = daily.platform.home.drop(PRODUCTION) / courier / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("id\n1\n")
    (request,) = daily.look()
    assert (request.job_name, request.tags[DUE_TAG]) == ("group_daily", now.isoformat())
    assert request.run_key == daily.due(now)[0].run_key


def test_a_run_that_was_started_waits_no_more(group: Callable[..., Group]) -> None:
    """Only when Dagster has it: a crash in between asks for it again, under the same key."""
    daily, now = group(**WAITS), moment()
    daily.due(now)
    daily.due(now)
    assert len(waiting(daily)) == 1
    daily.instance.create_run_for_job(_job, tags={RUN_KEY_TAG: f"daily:{now.isoformat()}"})
    assert daily.look() == []
    assert waiting(daily) == []


def test_a_group_that_is_gone_waits_no_more(group: Callable[..., Group]) -> None:
    """What it waited for is forgotten."""
    daily = group(**WAITS)
    with daily.platform.state.write() as conn:
        group_progress.wait(conn, PRODUCTION, "weekly", moment())
    assert daily.look() == []
    assert waiting(daily) == []


def waiting(group: Group) -> list[group_progress.Waiting]:
    """Give the runs that wait."""
    with group.platform.state.read() as conn:
        return group_progress.waiting(conn, PRODUCTION)


def test_a_wait_ends(group: Callable[..., Group]) -> None:
    """Each courier's own: after three hours only the patient one is waited for, after five none is."""
    daily, due_at = group(**WAITS), dt.datetime(2026, 11, 20, 4, 30, tzinfo=dt.UTC)
    for hours, expected in ((0, ["ecom", "pos"]), (3, ["ecom"]), (5, [])):
        now = due_at + dt.timedelta(hours=hours)
        assert waited_for(daily.platform, daily.revision, daily.group, due_at, now) == expected
    assert len(daily.due(due_at)) == 1
    demo.drop(demo.DAYS[0], daily.platform.home.drop(PRODUCTION))
    assert waited_for(daily.platform, daily.revision, daily.group, due_at, due_at) == []


@pytest.mark.parametrize(("minutes", "is_waited_for"), [(239, True), (241, False)])
def test_a_wait_takes_its_time_across_a_change_of_clocks(
    minutes: int, is_waited_for: bool, group: Callable[..., Group]
) -> None:
    """Four hours after 01:30 it is 06:30 in the night that has no half past two."""
    daily = group(**WAITS)
    due_at = dt.datetime(2026, 3, 29, 1, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
    now = due_at.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)
    assert ("ecom" in waited_for(daily.platform, daily.revision, daily.group, due_at, now)) is is_waited_for


def test_where_no_courier_waits_there_is_no_sensor(group: Callable[..., Group]) -> None:
    """The demo's group goes by its schedule alone; a sandbox lands nothing and waits for nothing."""
    assert waits_sensor(group().revision, {"daily": _job}) is None
    assert waits_sensor(replace(group(**WAITS).revision, environment="sandbox__x"), {"daily": _job}) is None
