"""All of Dagster for one environment: the code location of production or of a sandbox."""

from __future__ import annotations

from typing import Any

import dagster as dg

from cdp_assets.cache import kept_in
from cdp_assets.defs import keys
from cdp_assets.defs.alerting import alerts_sensor
from cdp_assets.defs.audiences import query_assets
from cdp_assets.defs.campaigns import campaign_assets, campaign_jobs, campaign_schedules
from cdp_assets.defs.destinations import export_assets
from cdp_assets.defs.group_runs import group_schedules, waits_sensor
from cdp_assets.defs.jobs import drop_sensor, group_jobs, run_type_jobs
from cdp_assets.defs.orchestration_groups import orchestration_group_jobs, orchestration_group_schedules
from cdp_assets.defs.plan_apply import plan_apply_jobs
from cdp_assets.defs.platform import Platform, Revision, active_revision
from cdp_assets.defs.sources import source_assets
from cdp_assets.defs.stitch import stitch_assets
from cdp_assets.defs.stitch_qa import qa_assets
from cdp_assets.defs.unified import sql_assets
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION


def environment_definitions(home: Home, environment: str) -> dg.Definitions:
    """Make the assets, jobs, schedules and sensors of the environment's active revision.

    The active revision comes from state, never from the files on disk: editing a file changes nothing
    until it is planned and applied. Before the first apply there is one job that says what to do. Plan and apply
    are jobs of production, for its sandboxes too.
    """
    with kept_in(home.cache):
        revision = active_revision(home, environment)
    if revision is None:
        return dg.Definitions(jobs=[_nothing_applied(environment)])
    made = revision_definitions(home, revision)
    if environment != PRODUCTION:
        return made
    return dg.Definitions.merge(made, dg.Definitions(jobs=plan_apply_jobs(home)))


def revision_definitions(home: Home, revision: Revision) -> dg.Definitions:
    """Make the definitions of one revision, active or not."""
    assets = [
        *source_assets(revision),
        *sql_assets(revision),
        *stitch_assets(revision),
        *query_assets(revision),
        *export_assets(revision),
        *campaign_assets(revision),
        *qa_assets(revision),
    ]
    made = [key for asset in assets for key in asset.keys]
    groups = group_jobs(revision, made)
    campaigns, sending = campaign_jobs(revision), orchestration_group_jobs(revision)
    run_types = run_type_jobs(revision, made)
    arrivals_job = next(iter(groups.values()), run_types[-1])
    return dg.Definitions(
        assets=[*assets, *_shared_from_production(revision)],
        jobs=[*run_types, *groups.values(), *campaigns.values(), *sending.values()],
        schedules=[
            *group_schedules(revision, groups),
            *campaign_schedules(revision, campaigns),
            *orchestration_group_schedules(revision, sending),
        ],
        sensors=_sensors(revision, groups, arrivals_job),
        resources={"platform": Platform(home_path=str(home.root), environment=revision.environment)},
        executor=dg.in_process_executor,
    )


def _sensors(revision: Revision, groups: dict[str, Any], arrivals_job: Any) -> list[dg.SensorDefinition]:
    drops = drop_sensor(revision, arrivals_job) if revision.environment == PRODUCTION else None
    found = (drops, waits_sensor(revision, groups), alerts_sensor(revision))
    return [one for one in found if one is not None]


def _shared_from_production(revision: Revision) -> list[dg.AssetSpec]:
    """Show the tables that a sandbox reads from production; they cannot be materialised from here."""
    return [
        dg.AssetSpec(
            keys.asset_key(revision.environment, table),
            group_name=table.layer,
            description="Shared from production: the same fingerprint, no copy.",
            tags={"cdp/shared_from": PRODUCTION},
        )
        for table in sorted(revision.shared)
    ]


def _nothing_applied(environment: str) -> dg.JobDefinition:
    advice = f"Nothing is applied to {environment} yet. Run `./cdp plan`, then `./cdp apply`."

    @dg.op(description=advice)
    def say_what_to_do() -> None:
        raise dg.Failure(description=advice, allow_retries=False)

    @dg.job(name="read_me_first", description=advice)
    def _job() -> None:
        say_what_to_do()

    return _job
