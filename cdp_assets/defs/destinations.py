"""Export assets: an orchestration sends a query's result through a data template to a destination."""

from __future__ import annotations

import logging
from typing import Any

import dagster as dg

from cdp_assets.config.destination import Orchestration
from cdp_assets.defs import keys
from cdp_assets.defs.platform import Platform, Revision, business_date
from cdp_assets.defs.retry import errors_as_dagster
from cdp_assets.destinations.deliver import deliver
from cdp_assets.environments.runs import current_publication
from cdp_assets.errors import StateError
from cdp_assets.exchange.locations import open_location
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName
from cdp_assets.state import query_results

logger = logging.getLogger(__name__)


def export_assets(revision: Revision) -> list[dg.AssetsDefinition]:
    """Make one asset per automatic orchestration; a manual one is sent from its asset's own page."""
    return [_export_asset(revision, orchestration) for orchestration in revision.tenant.orchestrations.values()]


def _export_asset(revision: Revision, orchestration: Orchestration) -> dg.AssetsDefinition:
    table = TableName("export", orchestration.name)
    source = TableName("query", orchestration.query)

    @dg.asset(
        key=keys.asset_key(revision.environment, table),
        deps=[keys.asset_key(revision.environment, source)],
        group_name="export",
        description=orchestration.description,
        kinds={"file"},
        tags=keys.tags(revision.environment, None),
        op_tags={"dagster/priority": keys.PUBLISHED_PRIORITY},
    )
    def _asset(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult[Any]:
        with errors_as_dagster(str(table)):
            now = business_date(context.run.tags, revision.tenant.time_zone)
            return _send(platform, revision, orchestration, now)

    return _asset
