"""When courier groups run: by their schedules, or as soon as the files are there that a schedule waits for."""

import datetime as dt
import logging
from typing import Any

import dagster as dg

from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.defs.looking import DUE_TAG, GROUP_TAG
from cdp_assets.defs.platform import BUSINESS_DATE_TAG, Platform, Revision
from cdp_assets.defs.schedules import schedule_of
from cdp_assets.errors import CdpError
from cdp_assets.names import PRODUCTION
from cdp_assets.sources.landing import awaited
from cdp_assets.sources.wanted import scheduled
from cdp_assets.state import group_progress

logger = logging.getLogger(__name__)
LOOK_EVERY_S = 60
RUN_KEY_TAG = "dagster/run_key"
Job = Any
"""An unresolved asset job, which Dagster does not export by name."""


def group_schedules(revision: Revision, jobs: dict[str, Job]) -> list[dg.ScheduleDefinition]:
    """Make one schedule per courier group with a cron; a sandbox's start stopped."""
    groups = revision.tenant.courier_groups
    return [_schedule(revision, group, jobs[name]) for name, group in groups.items() if group.schedule]


def waits_sensor(revision: Revision, jobs: dict[str, Job]) -> dg.SensorDefinition | None:
    """Make the sensor that starts what waits for files, or nothing where no group of production waits."""
    groups = {name: group for name, group in revision.tenant.courier_groups.items() if group.waits()}
    if revision.environment != PRODUCTION or not groups:
        return None

    @dg.sensor(
        name="group_waits",
        jobs=[jobs[name] for name in groups],
        minimum_interval_seconds=LOOK_EVERY_S,
        description="Starts a courier group's run that was due as soon as its files are there, or its wait is over.",
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def _look(context: dg.SensorEvaluationContext, platform: Platform) -> list[dg.RunRequest]:
        with platform.state.read() as conn:
            waiting = group_progress.waiting(conn, revision.environment)
        requests = []
        for one in waiting:
            group = groups.get(one.group)
            request = None if group is None else _request(group, one.due_at)
            if group is None or request is None or _has_run(context.instance, request):
                with platform.state.write() as conn:
                    group_progress.end_wait(conn, revision.environment, one)
            elif not waited_for(platform, revision, group, one.due_at, dt.datetime.now(dt.UTC)):
                requests.append(request)
        return requests

    return _look


def _schedule(revision: Revision, group: CourierGroup, job: Job) -> dg.ScheduleDefinition:
    is_production = revision.environment == PRODUCTION

    def _tick(context: dg.ScheduleEvaluationContext, platform: Platform) -> dg.RunRequest | dg.SkipReason:
        due_at = context.scheduled_execution_time
        now = dt.datetime.now(dt.UTC)
        absent = waited_for(platform, revision, group, due_at, now) if is_production else []
        if not absent:
            return _request(group, due_at)
        with platform.state.write() as conn:
            group_progress.wait(conn, revision.environment, group.name, due_at)
        return dg.SkipReason(f"Waits for files of {', '.join(absent)}; the sensor group_waits starts the run.")

    return schedule_of("group", group, job, _tick, running=is_production and group.active)


def waited_for(
    platform: Platform, revision: Revision, group: CourierGroup, due_at: dt.datetime, now: dt.datetime
) -> list[str]:
    """Give the couriers of a run that was due whose required files are absent and whose wait is not over."""
    waits, waited = group.waits(), now - due_at.astimezone(dt.UTC)
    return [name for name in waits if waited < waits[name] and _is_absent(platform, revision, group, name, due_at)]


def _is_absent(platform: Platform, revision: Revision, group: CourierGroup, name: str, due_at: dt.datetime) -> bool:
    """Say whether a courier's required files are not all there; where the location does not answer, they are not."""
    courier, state = revision.tenant.couriers[name], platform.state
    with state.read() as conn:
        until = group_progress.until(conn, revision.environment, group.name, name)
    wanted = scheduled(group, name, due_at, until)
    try:
        location = platform.outside(revision).courier(courier)
        return bool(awaited(courier, location, state=state, environment=revision.environment, wanted=wanted))
    except CdpError as error:
        logger.warning("courier %s: %s", name, error)
        return True


def _request(group: CourierGroup, due_at: dt.datetime) -> dg.RunRequest:
    """Ask for a run: one per moment at which the group was due, with that local day as its business date."""
    local = due_at.astimezone(group.zone)
    moment = local.isoformat(timespec="seconds")
    tags = {BUSINESS_DATE_TAG: local.date().isoformat(), GROUP_TAG: group.name, DUE_TAG: moment}
    return dg.RunRequest(run_key=f"{group.name}:{moment}", job_name=f"group_{group.name}", tags=tags)


def _has_run(instance: dg.DagsterInstance, request: dg.RunRequest) -> bool:
    return bool(instance.get_runs(dg.RunsFilter(tags={RUN_KEY_TAG: request.run_key or ""}), limit=1))
