"""Jobs and schedules of orchestration groups: what is sent together, and when."""

import datetime as dt
import zoneinfo
from typing import Any

import dagster as dg

from cdp_assets.config.activations import read_by
from cdp_assets.config.durations import duration
from cdp_assets.config.orchestration import OrchestrationGroup
from cdp_assets.defs import keys
from cdp_assets.defs.platform import BUSINESS_DATE_TAG, Revision
from cdp_assets.defs.schedules import schedule_of
from cdp_assets.names import PRODUCTION, TableName

OFFSET = "1 day"
"""How long ago the run may have ended that a group comes after, where the group does not say."""
Job = Any
"""An unresolved asset job, which Dagster does not export by name."""


def orchestration_group_jobs(revision: Revision) -> dict[str, Job]:
    """Make one job per group: its orchestrations and the queries that they send, from what is published then."""
    return {name: _job(revision, group) for name, group in revision.tenant.orchestration_groups.items()}


def orchestration_group_schedules(revision: Revision, jobs: dict[str, Job]) -> list[dg.ScheduleDefinition]:
    """Make one schedule per group with a cron; a sandbox's start stopped."""
    return [
        _schedule(group, jobs[name], revision.environment)
        for name, group in revision.tenant.orchestration_groups.items()
        if group.schedule is not None
    ]


def _job(revision: Revision, group: OrchestrationGroup) -> Job:
    orders = [revision.tenant.orchestrations[name] for name in group.orchestrations]
    queries = {table for order in orders for table in read_by(revision.tenant, order) if table.layer == "query"}
    wanted = [*sorted(queries), *(TableName("export", order.name) for order in orders)]
    return dg.define_asset_job(
        f"send_{group.name}",
        selection=dg.AssetSelection.assets(*(keys.asset_key(revision.environment, table) for table in wanted)),
        description=group.description or f"Send {', '.join(group.orchestrations)}.",
        tags={"cdp/env": revision.environment},
    )


def _schedule(group: OrchestrationGroup, job: Job, environment: str) -> dg.ScheduleDefinition:
    """Make a schedule that runs at each of its times, with the day in the group's time zone as the business date.

    Nothing is sent at a time before which the courier group that it comes after has not run.
    """

    def _tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        due = context.scheduled_execution_time.astimezone(zoneinfo.ZoneInfo(group.time_zone))
        if group.after is not None and not _has_run(context.instance, environment, group, due):
            return dg.SkipReason(f"No run of {group.after} has ended in the {group.offset or OFFSET} before.")
        return dg.RunRequest(run_key=due.isoformat(), tags={BUSINESS_DATE_TAG: due.date().isoformat()})

    return schedule_of("send", group, job, _tick, running=environment == PRODUCTION and group.active)


def _has_run(instance: dg.DagsterInstance, environment: str, group: OrchestrationGroup, due: dt.datetime) -> bool:
    """Say whether a run of the courier group that a group comes after has ended well, and not too long ago."""
    ended = dg.RunsFilter(
        job_name=f"group_{group.after}",
        statuses=[dg.DagsterRunStatus.SUCCESS],
        tags={"cdp/env": environment},
        updated_after=due - duration(group.offset or OFFSET),
    )
    return bool(instance.get_runs(ended, limit=1))
