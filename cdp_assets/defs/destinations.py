"""Export assets: an orchestration sends a query's result through a data template to a destination."""

import datetime as dt
import logging
from typing import Any

import dagster as dg

from cdp_assets.config.destination import Orchestration
from cdp_assets.defs.platform import Platform, Revision, business_date
from cdp_assets.defs.retry import errors_as_dagster
from cdp_assets.defs.step import as_asset, plain_arguments
from cdp_assets.destinations.deliver import deliver, refuse_personal
from cdp_assets.environments.answers import personal_of_answer
from cdp_assets.environments.outside import Outside
from cdp_assets.environments.runs import current_publication
from cdp_assets.errors import StateError
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName
from cdp_assets.state import query_results
from cdp_assets.state.query_results import ResultKey

logger = logging.getLogger(__name__)


def export_assets(revision: Revision) -> list[dg.AssetsDefinition]:
    """Make one asset per orchestration; no job takes a manual one: it is sent from its asset's own page."""
    return [_export_asset(revision, orchestration) for orchestration in revision.tenant.orchestrations.values()]


def _export_asset(revision: Revision, orchestration: Orchestration) -> dg.AssetsDefinition:
    table = TableName("export", orchestration.name)
    source = TableName("query", orchestration.query)
    arguments = plain_arguments(revision, table, deps=(source,), description=orchestration.description, kinds={"file"})

    def _asset(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        with errors_as_dagster(str(table)):
            now = business_date(context.run.tags, revision.tenant.time_zone)
            return _send(platform, revision, orchestration, now)

    return as_asset(arguments, _asset)


def _send(
    platform: Platform, revision: Revision, orchestration: Orchestration, now: dt.date
) -> dg.MaterializeResult[Any]:
    """Send the current publication's answer; what was sent for it before is not sent again."""
    tenant = revision.tenant
    template = tenant.data_templates[orchestration.data_template]
    destination = tenant.destinations[template.destination]
    location = Outside(platform.state, platform.home, revision.environment, tenant).destination(destination)
    if location is None:
        logger.info("export.%s: muted, %s binds no endpoint", orchestration.name, revision.environment)
        why = f"{revision.environment} binds no endpoint for {destination.name} in its sandbox.yaml"
        return dg.MaterializeResult(metadata={"muted": why, "destination": destination.name})
    publication = current_publication(platform.state, revision.environment)
    source = TableName("query", orchestration.query)
    key = ResultKey(revision.environment, publication.id, source.name, revision.fingerprints[source])
    with platform.state.read() as conn:
        result = query_results.find(conn, key)
    if result is None:
        raise StateError(f"{source}: no answer for publication {publication.id}. Expected the query to have run.")
    rows = delta.read(platform.lake.absolute(result.path), result.version)
    personal = personal_of_answer(platform.lake, publication, revision.catalog, source, rows.column_names)
    refuse_personal(destination, personal, f"export.{orchestration.name}")
    delivered = deliver(
        rows,
        template,
        orchestration=orchestration.name,
        destination=destination.name,
        location=location,
        state=platform.state,
        environment=revision.environment,
        publication_id=publication.id,
        now=dt.datetime.combine(now, dt.time(), dt.UTC),
    )
    logger.info("export.%s: %d files, %d rows", orchestration.name, len(delivered.files), delivered.rows)
    return dg.MaterializeResult(
        metadata={
            "publication": publication.id,
            "destination": destination.name,
            "files": [file.filename for file in delivered.files],
            "rows": delivered.rows,
            "sent": delivered.sent,
        }
    )
