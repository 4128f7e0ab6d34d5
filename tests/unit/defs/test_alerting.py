"""What is told of runs: by their end, their time, their group, and what they sent."""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from cdp_assets.config.alert import Alert
from cdp_assets.config.courier import Courier
from cdp_assets.config.courier_group import CourierGroup, CourierInGroup
from cdp_assets.config.query import Query, RecordCount
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.alerting import (
    WILL_RETRY_TAG,
    alerts_sensor,
    happenings,
    note_missing,
    note_record_count,
)
from cdp_assets.defs.platform import Platform, Revision
from cdp_assets.names import PRODUCTION
from cdp_assets.state import alerts, environments
from tests.receivers import Posts, web_server

EVENTS = ("files_missing", "failure", "success", "runtime_exceeded", "record_count", "stopped")
TAGS = {"cdp/env": PRODUCTION}


@dg.op(name="production__export__send_buyers")
def _send() -> None:
    """Sends nothing."""


@dg.op(name="production__landing__orders", config_schema=dg.Field(str, default_value=""))
def _land(context: dg.OpExecutionContext) -> None:
    if context.op_config == "ours":
        raise dg.Failure(description="landing.orders: cut short. Expected a whole file.")
    if context.op_config == "foreign":
        raise ValueError("Ann Lee, 12 Main Street")


@dg.job(name="group_daily", tags=TAGS)
def _daily() -> None:
    _send()
    _land()


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    """A Dagster that keeps nothing."""
    with dg.DagsterInstance.ephemeral() as found:
        yield found


@pytest.fixture
def posts() -> Iterator[Posts]:
    """Who is told."""
    with web_server() as found:
        yield found


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    """An installation that knows production."""
    made = Platform(home_path=str(tmp_path), environment=PRODUCTION)
    with made.state.write() as conn:
        environments.get_or_create(conn, PRODUCTION)
    return made


def revision(url: str = "http://127.0.0.1:1/", *, quiet: bool = False) -> Revision:
    """Give a revision with the group `daily` and one alert on everything."""
    orders = CourierInGroup(notify_when_missing=not quiet)
    group = CourierGroup(
        name="daily", couriers=("orders",), alert_when_runtime_exceeds_minutes=60, per_courier={"orders": orders}
    )
    alert = Alert.model_validate(
        {"name": "ops", "receiver": {"kind": "webhook", "url": url, "timeout_s": 2}, "events": EVENTS}
    )
    tenant = Tenant(id="t", name="t", courier_groups={"daily": group}, alerts={"ops": alert})
    return Revision(PRODUCTION, "r", tenant, None, {}, frozenset())  # type: ignore[arg-type] # no table is asked for


def ran(instance: dg.DagsterInstance, how: str = "", **tags: str) -> dg.RunRecord:
    """Run the group's job; give its record."""
    config = {"ops": {"production__landing__orders": {"config": how}}}
    done = _daily.execute_in_process(config, instance=instance, raise_on_error=False, tags=tags)
    return record(instance, done.run_id)


def record(instance: dg.DagsterInstance, run_id: str) -> dg.RunRecord:
    """Give a run as it is kept."""
    (found,) = instance.get_run_records(dg.RunsFilter(run_ids=[run_id]))
    return found


def told(instance: dg.DagsterInstance, one: dg.RunRecord) -> dict[str, Any]:
    """Give what is told of a run now, by event."""
    now = dt.datetime.now(dt.UTC)
    return {found.event: found for found in happenings(instance, one, revision(), now)}


def test_a_success_is_about_its_group_and_what_it_sent(instance: dg.DagsterInstance) -> None:
    """By whatever the job was started."""
    (found,) = told(instance, ran(instance)).values()
    assert (found.event, found.title) == ("success", "Group daily succeeded")
    assert found.about == ("courier_group.daily", "orchestration.send_buyers")


def test_a_failure_says_why_in_our_own_words(instance: dg.DagsterInstance) -> None:
    """What a library says may quote a row: of that only the step is told."""
    found = told(instance, ran(instance, "ours"))["failure"]
    assert found.facts == {"production__landing__orders": "landing.orders: cut short. Expected a whole file."}
    assert found.about == ("courier_group.daily",)
    found = told(instance, ran(instance, "foreign"))["failure"]
    assert found.facts == {"production__landing__orders": "see the run"}


def test_a_run_that_dagster_starts_again_has_not_ended(instance: dg.DagsterInstance) -> None:
    """Only its last try is told."""
    assert told(instance, ran(instance, "ours", **{WILL_RETRY_TAG: "true"})) == {}


def test_a_stopped_run_is_told(instance: dg.DagsterInstance) -> None:
    """Somebody has done it by hand."""
    run = instance.create_run_for_job(_daily, status=dg.DagsterRunStatus.STARTED)
    assert told(instance, record(instance, run.run_id)) == {}
    instance.report_run_canceled(run)
    assert told(instance, record(instance, run.run_id))["stopped"].title == "Group daily was stopped"


@pytest.mark.parametrize(("minutes", "is_told"), [(59, False), (61, True)])
def test_a_run_that_takes_too_long_is_told_while_it_goes_on(
    minutes: int, is_told: bool, instance: dg.DagsterInstance
) -> None:
    """By the group's own limit."""
    now = dt.datetime.now(dt.UTC)
    run = instance.create_run_for_job(_daily, status=dg.DagsterRunStatus.STARTED)
    going_on = record(instance, run.run_id)._replace(start_time=(now - dt.timedelta(minutes=minutes)).timestamp())
    assert [one.event for one in happenings(instance, going_on, revision(), now)] == ["runtime_exceeded"] * is_told


def test_missing_files_are_told_unless_the_group_keeps_quiet(platform: Platform, instance: dg.DagsterInstance) -> None:
    """Once per courier, also where the run is started again."""
    run = instance.create_run_for_job(_daily)
    again = instance.create_run_for_job(_daily, root_run_id=run.run_id, parent_run_id=run.run_id)
    courier = Courier.model_validate({"name": "orders", "location": {"kind": "local", "path": "orders"}, "files": []})
    note_missing(platform, revision(quiet=True).tenant, run, courier, ["no file for `a` of 2026-11-20"])
    note_missing(platform, revision().tenant, run, courier, [])
    assert noted(platform) == []
    for one in (run, again):
        note_missing(platform, revision().tenant, one, courier, ["no file for `a` of 2026-11-20", "no file for `b`"])
    ((event, title),) = noted(platform)
    assert (event, title) == ("files_missing", "Courier orders: no file for `a` of 2026-11-20 and 1 more")


def noted(platform: Platform) -> list[tuple[str, str]]:
    """Give event and title of what is noted."""
    with platform.state.read() as conn:
        return [(one.event, one.message["title"]) for one in alerts.listed(conn, PRODUCTION, 99)]


@pytest.mark.parametrize(("rows", "expected"), [(5, 0), (0, 1), (50, 2)])
def test_a_querys_thresholds_are_told(
    rows: int, expected: int, platform: Platform, instance: dg.DagsterInstance
) -> None:
    """The one that warns and the one that stops, each by itself."""
    limits = {"warn_when": RecordCount(below=1, above=9), "fail_when": RecordCount(above=20)}
    query = Query(name="buyers", database="c", sql="SELECT 1", **limits)
    run = instance.create_run_for_job(_daily)
    note_record_count(platform, revision().tenant, run, query, rows)
    assert noted(platform) == [("record_count", f"Query buyers: {rows} records")] * expected


def test_the_sensor_tells_what_ends_after_it_began_to_look(
    platform: Platform, instance: dg.DagsterInstance, posts: Posts
) -> None:
    """Not the runs of last year; each once, whatever is looked at twice; those of other environments not at all."""
    sensor = alerts_sensor(revision(posts.url))
    assert sensor is not None
    cursor: str | None = None

    def look() -> list[str]:
        nonlocal cursor
        context = dg.build_sensor_context(instance=instance, cursor=cursor, resources={"platform": platform})
        cursor = sensor.evaluate_tick(context).cursor
        told = [json.loads(body)["title"] for _, _, body in posts.kept]
        posts.kept.clear()
        return told

    assert look() == []
    ran(instance)
    other = dg.GraphDefinition(name="other").to_job(tags={"cdp/env": "sandbox__x"})
    other.execute_in_process(instance=instance)
    assert look() == ["Group daily succeeded"]
    assert look() == []
    ran(instance, "ours")
    assert look() == ["Group daily failed"]


def test_without_alerts_there_is_no_sensor_and_a_sandboxs_starts_stopped() -> None:
    """Nobody is told of a trial by accident."""
    found = revision()
    assert alerts_sensor(replace(found, tenant=Tenant(id="t", name="t"))) is None
    made = alerts_sensor(replace(found, environment="sandbox__x"))
    assert made is not None
    assert made.default_status is dg.DefaultSensorStatus.STOPPED
