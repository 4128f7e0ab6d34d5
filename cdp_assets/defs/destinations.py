"""Export assets: an orchestration sends a query's answer, or tables of a database, through a data template."""

import datetime as dt
import logging
from typing import Any

import dagster as dg

from cdp_assets.config.activations import read_by
from cdp_assets.config.orchestration import Orchestration
from cdp_assets.defs.platform import Platform, Revision, business_date
from cdp_assets.defs.retry import errors_as_dagster
from cdp_assets.defs.step import as_asset, plain_arguments
from cdp_assets.environments.runs import current_publication
from cdp_assets.environments.sending import OrchestrationSending
from cdp_assets.names import TableName

logger = logging.getLogger(__name__)


def export_assets(revision: Revision) -> list[dg.AssetsDefinition]:
    """Make one asset per orchestration; no job takes a manual one: it is sent from its asset's own page."""
    return [_export_asset(revision, orchestration) for orchestration in revision.tenant.orchestrations.values()]


def _export_asset(revision: Revision, orchestration: Orchestration) -> dg.AssetsDefinition:
    table, deps = TableName("export", orchestration.name), read_by(revision.tenant, orchestration)
    arguments = plain_arguments(revision, table, deps=deps, description=orchestration.description, kinds={"file"})

    def _asset(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        with errors_as_dagster(str(table)):
            now = business_date(context.run.tags, revision.tenant.time_zone)
            return _send(platform, revision, orchestration, now, f"run {context.run.run_id}")

    return as_asset(arguments, _asset)


def _send(
    platform: Platform, revision: Revision, orchestration: Orchestration, now: dt.date, sent_by: str
) -> dg.MaterializeResult[Any]:
    """Send from the current publication; what was sent for it before is not sent again."""
    publication = current_publication(platform.state, revision.environment)
    sending = OrchestrationSending(
        state=platform.state,
        home=platform.home,
        environment=revision.environment,
        tenant=revision.tenant,
        catalog=revision.catalog,
        orchestration=orchestration,
        publication=publication,
        clients=platform.clients,
    )
    sent = sending.send(dt.datetime.combine(now, dt.time(), dt.UTC), sent_by)
    destination = revision.tenant.data_templates[orchestration.data_template].destination
    if sent.delivered is None:
        logger.info("export.%s: %s", orchestration.name, sent.why_not)
        return dg.MaterializeResult(metadata={"not sent": sent.why_not, "destination": destination})
    delivery = sent.delivered.delivery
    logger.info("export.%s: %d files, %d rows", orchestration.name, len(delivery.arrived), delivery.rows)
    return dg.MaterializeResult(
        metadata={
            "publication": publication.id,
            "destination": destination,
            "files": [part.filename for part in delivery.arrived],
            "rows": delivery.rows,
            "bytes": delivery.size_bytes,
            "sent": sent.delivered.sent,
        }
    )
