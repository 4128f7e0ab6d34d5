"""Campaign assets: one launch per campaign, and the table of everybody whom a campaign was sent to."""

import logging
from typing import Any

import dagster as dg

from cdp_assets.audiences.campaigns.recipients import SCHEMA
from cdp_assets.config.campaign import Campaign
from cdp_assets.config.catalog import RECIPIENTS, Table
from cdp_assets.defs import keys
from cdp_assets.defs.jobs import CAMPAIGN_LAYER, campaign_schedule
from cdp_assets.defs.platform import Platform, Revision, business_date
from cdp_assets.defs.retry import errors_as_dagster
from cdp_assets.defs.step import as_asset, asset_arguments, plain_arguments, step
from cdp_assets.environments.campaigns import Campaigning
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION, TableName, database_layer

logger = logging.getLogger(__name__)
Job = Any
"""An unresolved asset job, which Dagster does not export by name."""


def campaign_assets(revision: Revision) -> list[dg.AssetsDefinition]:
    """Make the launch of every active campaign, and their recipients' table where this environment has its own."""
    found = [_launch_asset(revision, one) for one in _active(revision)]
    table = revision.catalog.tables.get(RECIPIENTS)
    if table is not None and RECIPIENTS not in revision.shared:
        found.append(_recipients_asset(revision, table))
    return found


def campaign_jobs(revision: Revision) -> dict[str, Job]:
    """Make one job per active campaign; a run of any other kind launches none."""
    return {
        one.name: dg.define_asset_job(
            f"campaign_{one.name}",
            selection=dg.AssetSelection.assets(keys.asset_key(revision.environment, _name(one))),
            description=one.description or f"Launch {one.name}.",
            tags={"cdp/env": revision.environment},
        )
        for one in _active(revision)
    }


def campaign_schedules(revision: Revision, jobs: dict[str, Job]) -> list[dg.ScheduleDefinition]:
    """Make the schedule of every recurring campaign; a sandbox's start stopped."""
    running = revision.environment == PRODUCTION
    return [
        campaign_schedule(one, jobs[one.name], running=running) for one in _active(revision) if one.schedule is not None
    ]


def _active(revision: Revision) -> list[Campaign]:
    return [one for _, one in sorted(revision.tenant.campaigns.items()) if one.status == "active"]


def _name(campaign: Campaign) -> TableName:
    return TableName(CAMPAIGN_LAYER, campaign.name)


def _launch_asset(revision: Revision, campaign: Campaign) -> dg.AssetsDefinition:
    layer = database_layer(campaign.database)
    attributes = {one.partition(".")[0] for _, _, _, delivery in campaign.deliveries() for one in delivery.attributes}
    read = {
        *(TableName("segment", name) for name in campaign.segments),
        *(TableName(layer, table) for table in attributes),
    }
    description = campaign.description or f"The launches of {campaign.name}."
    arguments = plain_arguments(revision, _name(campaign), deps=sorted(read), description=description, kinds={"file"})

    def _asset(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        with errors_as_dagster(str(_name(campaign))):
            day = business_date(context.run.tags, campaign.time_zone)
            campaigning = Campaigning.of(
                platform.state, platform.home, revision.environment, revision.tenant, campaign.name
            )
            launched = campaigning.launch(day, f"run {context.run.run_id}", platform.clients)
            if launched.muted is not None:
                return dg.MaterializeResult(metadata={"muted": launched.muted})
            return dg.MaterializeResult(
                metadata={
                    "launch": launched.launch,
                    "publication": campaigning.publication.id,
                    "groups": dict(launched.groups),
                    "files": list(launched.files),
                    "sent": launched.sent,
                }
            )

    return as_asset(arguments, _asset)


def _recipients_asset(revision: Revision, table: Table) -> dg.AssetsDefinition:
    """Make the asset that publishes the recipients as they are; launches, between runs, add to them."""
    arguments = asset_arguments(revision, table, kinds={"deltalake"}, priority=keys.TABLE_PRIORITY)

    def _asset(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        with step(context, platform, revision, str(table.name)) as now:
            path = now.lake.absolute(now.run.paths[table.name])
            delta.create(path, SCHEMA)
            version = delta.version(path) or 0
            now.record(table, version, {"version": version})
            return now.result(table)

    return as_asset(arguments, _asset)
