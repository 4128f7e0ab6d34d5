"""The sensor that tells people what became of runs, and sends what steps have noted."""

import datetime as dt
from collections.abc import Iterator, Sequence

import dagster as dg

from cdp_assets.config.alert import Event
from cdp_assets.config.courier import Courier
from cdp_assets.config.query import Query
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.looking import GROUP_TAG
from cdp_assets.defs.platform import Platform, Revision
from cdp_assets.defs.running import ui_address
from cdp_assets.environments.alerting import Happening, note, send_due
from cdp_assets.names import PRODUCTION, TableName

LOOK_EVERY_S = 30
OVERLAP = dt.timedelta(minutes=2)
"""What is looked at twice, so that nothing falls between two looks; the ledger tells it once."""
MOST_RUNS = 500
"""In one look; the next goes on from there."""
MOST_MISSING = 20
"""Files that one message names."""
WILL_RETRY_TAG = "dagster/will_retry"
ENDED: dict[dg.DagsterRunStatus, tuple[Event, str]] = {
    dg.DagsterRunStatus.FAILURE: ("failure", "failed"),
    dg.DagsterRunStatus.SUCCESS: ("success", "succeeded"),
    dg.DagsterRunStatus.CANCELED: ("stopped", "was stopped"),
}


def alerts_sensor(revision: Revision) -> dg.SensorDefinition | None:
    """Make the sensor, or nothing for a tenant without alerts; a sandbox's starts stopped."""
    if not revision.tenant.alerts:
        return None

    @dg.sensor(
        name="alerts",
        minimum_interval_seconds=LOOK_EVERY_S,
        description="Tells whom alerts/ names of runs that ended or last too long, and of what steps have noted.",
        default_status=dg.DefaultSensorStatus.RUNNING
        if revision.environment == PRODUCTION
        else dg.DefaultSensorStatus.STOPPED,
    )
    def _look(context: dg.SensorEvaluationContext, platform: Platform) -> dg.SensorResult:
        now = dt.datetime.now(dt.UTC)
        since = dt.datetime.fromisoformat(context.cursor) if context.cursor else now
        seen = _records(context.instance, revision.environment, since)
        for record in seen:
            for happening in happenings(context.instance, record, revision, now):
                note(platform.state, revision.environment, revision.tenant, happening)
        sent = send_due(platform.state, revision.environment, revision.tenant, ui_address(platform.home))
        latest = max((record.update_timestamp for record in seen), default=since)
        return dg.SensorResult(skip_reason=f"{sent} sent.", cursor=max(latest, since).isoformat())

    return _look


def _records(instance: dg.DagsterInstance, environment: str, since: dt.datetime) -> list[dg.RunRecord]:
    """Give the runs of an environment that have changed since, and those that go on."""
    tags = {"cdp/env": environment}
    changed = dg.RunsFilter(tags=tags, updated_after=since - OVERLAP)
    going_on = dg.RunsFilter(tags=tags, statuses=[dg.DagsterRunStatus.STARTED])
    found = instance.get_run_records(changed, limit=MOST_RUNS, order_by="update_timestamp", ascending=True)
    return [*found, *(one for one in instance.get_run_records(going_on) if one.update_timestamp < since)]


def happenings(
    instance: dg.DagsterInstance, record: dg.RunRecord, revision: Revision, now: dt.datetime
) -> Iterator[Happening]:
    """Give what there is to tell of a run as it is now; one that Dagster starts again has not ended."""
    run = record.dagster_run
    group = _group_of(run, revision.tenant)
    about: tuple[str, ...] = (f"courier_group.{group}",) if group else ()
    name = f"Group {group}" if group else f"Job {run.job_name.strip('_').lower()}"
    limit = revision.tenant.courier_groups[group].alert_when_runtime_exceeds_minutes if group else None
    if limit and _minutes(record, now) > limit:
        yield Happening("runtime_exceeded", f"{name} takes longer than {limit} minutes", run.run_id, about)
    if run.status in ENDED and run.tags.get(WILL_RETRY_TAG) != "true":
        event, verb = ENDED[run.status]
        steps = _steps(instance, run.run_id, event)
        sent = f"{revision.environment}__export__"
        about += tuple(f"orchestration.{one.removeprefix(sent)}" for one in steps if one.startswith(sent))
        facts = _failures(instance, run.run_id) if event == "failure" else {}
        yield Happening(event, f"{name} {verb}", run.run_id, about, facts=facts)


def _minutes(record: dg.RunRecord, now: dt.datetime) -> float:
    """Give how long a run took, or takes by now."""
    return 0.0 if record.start_time is None else ((record.end_time or now.timestamp()) - record.start_time) / 60


def note_missing(
    platform: Platform, tenant: Tenant, run: dg.DagsterRun, courier: Courier, absent: Sequence[str]
) -> None:
    """Note the required files that a courier has missed, unless its group keeps quiet about them."""
    group = _group_of(run, tenant)
    if not absent or (group and not tenant.courier_groups[group].of(courier.name).notify_when_missing):
        return
    title = f"Courier {courier.name}: {absent[0]}" + (f" and {len(absent) - 1} more" if len(absent) > 1 else "")
    about = (f"courier.{courier.name}", *([f"courier_group.{group}"] if group else []))
    facts = {"missing": "; ".join(absent[:MOST_MISSING])}
    happening = Happening("files_missing", title, run.run_id, about, f"{_first_try(run)}:{courier.name}", facts)
    note(platform.state, platform.environment, tenant, happening)


def note_record_count(platform: Platform, tenant: Tenant, run: dg.DagsterRun, query: Query, rows: int) -> None:
    """Note that a query gives so many records as it should warn of, or stop at."""
    met = [(alert, what) for alert, what in ((query.warn_when, "warns"), (query.fail_when, "stops")) if alert]
    for alert, what in met:
        if alert.met_by(rows):
            facts = {"records": f"{rows:,}", f"{what} at": str(alert)}
            about = (str(TableName("query", query.name)),)
            happening = Happening(
                "record_count",
                f"Query {query.name}: {rows:,} records",
                run.run_id,
                about,
                f"{_first_try(run)}:{query.name}:{what}",
                facts,
            )
            note(platform.state, platform.environment, tenant, happening)


def _first_try(run: dg.DagsterRun) -> str:
    """Give the run that this one is, or goes on with: what it meets again was told."""
    return run.root_run_id or run.run_id


def _group_of(run: dg.DagsterRun, tenant: Tenant) -> str | None:
    """Give the courier group that a run is of, started by its schedule or by hand."""
    name = run.tags.get(GROUP_TAG) or run.job_name.removeprefix("group_")
    return name if name in tenant.courier_groups and run.job_name == f"group_{name}" else None


def _steps(instance: dg.DagsterInstance, run_id: str, event: Event) -> list[str]:
    """Give the steps that a run's end is about: those that failed, else those that succeeded."""
    wanted = "FAILURE" if event == "failure" else "SUCCESS"
    stats = instance.get_run_step_stats(run_id)
    return sorted(one.step_key for one in stats if one.status is not None and one.status.value == wanted)


def _failures(instance: dg.DagsterInstance, run_id: str) -> dict[str, str]:
    """Give each failed step and why: only in our own words, since those of a library may quote a row."""
    found = {}
    for entry in instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE):
        event = entry.dagster_event
        if event is not None and event.step_key is not None:
            ours = event.step_failure_data.user_failure_data
            found[event.step_key] = (ours.description if ours else None) or "see the run"
    return found
