"""Jobs, schedules and the drop sensor: what starts a run, and which stages it takes."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

import dagster as dg

from cdp_assets.config.activations import sent_after
from cdp_assets.config.campaign import Campaign
from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.defs import arrivals, keys
from cdp_assets.defs.platform import BUSINESS_DATE_TAG, Platform, Revision
from cdp_assets.defs.schedules import schedule_of
from cdp_assets.defs.sources import landing_table
from cdp_assets.names import PRODUCTION, TableName

SOURCE_LAYERS = ("landing", "domain", "custom")
EXPORT_LAYER = "export"
ACTIVATION_LAYERS = ("query", EXPORT_LAYER, "stitch_qa")
CAMPAIGN_LAYER = "campaign"
RUN_TYPE_TAG = "cdp/run_type"
SENSOR_INTERVAL_S = 15


def stages(
    revision: Revision, assets: Sequence[dg.AssetKey], run_type: str, courier_group: str | None = None
) -> list[dg.AssetKey]:
    """Give the assets that a run type takes.

    source: landing, domain and custom domain tables; refresh: those, Stitch, unified tables, databases and segments;
    full: everything, queries too and what is sent after them. Campaigns have jobs of their own.

    Args:
        courier_group: Whose run it is; orchestration groups may follow it.
    """
    assets = [key for key in assets if key.path[1] != CAMPAIGN_LAYER]
    if run_type == "source":
        return [key for key in assets if key.path[1] in SOURCE_LAYERS]
    if run_type == "refresh":
        return [key for key in assets if key.path[1] not in ACTIVATION_LAYERS]
    sent = {one.name for one in sent_after(revision.tenant, courier_group)}
    return [key for key in assets if key.path[1] != EXPORT_LAYER or key.path[2] in sent]


def run_type_jobs(revision: Revision, assets: Sequence[dg.AssetKey]) -> list[Any]:
    """Make the jobs source, refresh and full over everything that the environment builds."""
    texts = {
        "source": "Land what has arrived and load the domain tables.",
        "refresh": "Everything up to the databases and segments; sends nothing.",
        "full": "Everything, from dropped files to delivered exports.",
    }
    return [_job(revision, name, text, name, stages(revision, assets, name)) for name, text in texts.items()]


def group_jobs(revision: Revision, assets: Sequence[dg.AssetKey]) -> dict[str, Any]:
    """Make one job per courier group: its couriers and feeds, then the shared stages of its run type."""
    return {name: _group_job(revision, group, assets) for name, group in revision.tenant.courier_groups.items()}


def _group_job(revision: Revision, group: CourierGroup, assets: Sequence[dg.AssetKey]) -> Any:
    chosen = loaded_by(revision, group.couriers, stages(revision, assets, group.run_type, group.name))
    return _job(revision, f"group_{group.name}", group.description, group.run_type, chosen)


def loaded_by(revision: Revision, couriers: Collection[str], assets: Iterable[dg.AssetKey]) -> list[dg.AssetKey]:
    """Leave out of `assets` the other couriers, and the domain tables that only they load."""
    feeds = {operation.feed for name in couriers for operation in revision.tenant.couriers[name].load}
    others = {TableName("domain", feed) for feed in revision.tenant.feeds if feed not in feeds}
    others |= {landing_table(name) for name in revision.tenant.couriers if name not in couriers}
    excluded = {keys.asset_key(revision.environment, table) for table in others}
    return [key for key in assets if key not in excluded]


def _job(revision: Revision, name: str, text: str | None, run_type: str, assets: Sequence[dg.AssetKey]) -> Any:
    return dg.define_asset_job(
        name,
        selection=dg.AssetSelection.assets(*assets),
        description=text,
        tags={"cdp/env": revision.environment, RUN_TYPE_TAG: run_type},
    )


def campaign_schedule(one: Campaign, job: Any, *, running: bool) -> dg.ScheduleDefinition:
    """Make a schedule whose runs have the day on which they are due as their business date; one launch a day.

    Where it is not `running`, somebody switches it on.
    """

    def _tick(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
        day = context.scheduled_execution_time.date().isoformat()
        return dg.RunRequest(run_key=f"{one.name}:{day}", tags={BUSINESS_DATE_TAG: day})

    return schedule_of("campaign", one, job, _tick, running=running)


ACTIVE_RUNS = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
)


def drop_sensor(revision: Revision, job: Any) -> dg.SensorDefinition:
    """Make the sensor that starts a run when new files are complete.

    Files are complete when two looks, one tick apart, see the same ones with the same sizes and times; the cursor is
    the earlier look's hash, since there may be half a million. While a run of this environment is going on nothing is
    started: the next tick sees what that run has left.
    """

    @dg.sensor(
        name="new_files",
        job=job,
        minimum_interval_seconds=SENSOR_INTERVAL_S,
        description="Starts the job when a courier's files have arrived and stopped growing.",
        default_status=dg.DefaultSensorStatus.RUNNING
        if revision.environment == PRODUCTION
        else dg.DefaultSensorStatus.STOPPED,
    )
    def _look(context: dg.SensorEvaluationContext, platform: Platform) -> dg.SensorResult:
        active = context.instance.get_runs(
            dg.RunsFilter(tags={"cdp/env": revision.environment}, statuses=list(ACTIVE_RUNS)), limit=1
        )
        if active:
            return dg.SensorResult(skip_reason="A run of this environment is going on.", cursor=context.cursor)
        look = arrivals.look(platform, revision)
        if (key := arrivals.run_key(look)) != context.cursor or not look:
            reason = f"{len(look):,} files may still be growing." if look else "Nothing new."
            return dg.SensorResult(skip_reason=reason, cursor=key)
        day = arrivals.business_date(platform, revision, look).isoformat()
        request = dg.RunRequest(run_key=key, tags={BUSINESS_DATE_TAG: day})
        return dg.SensorResult(run_requests=[request], cursor=key)

    return _look
