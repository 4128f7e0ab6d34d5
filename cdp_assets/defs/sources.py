"""Assets of the record's first steps: a courier lands files, a feed loads them into its domain table."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import dagster as dg

from cdp_assets.config.catalog import Table
from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed
from cdp_assets.defs import keys
from cdp_assets.defs.alerting import note_missing
from cdp_assets.defs.looking import Look, note_progress, wanted_by
from cdp_assets.defs.platform import Platform, Revision
from cdp_assets.defs.retry import errors_as_dagster
from cdp_assets.defs.step import as_asset, asset_arguments, plain_arguments, step
from cdp_assets.environments.outside import Outside
from cdp_assets.errors import MissingFilesError
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.sources.ingest import load_queried
from cdp_assets.sources.landing import Landed, land
from cdp_assets.sources.load import load_pending
from cdp_assets.sources.wanted import Wanted

if TYPE_CHECKING:
    from cdp_assets.sources.in_place.spark import InPlace

logger = logging.getLogger(__name__)
MOST_NAMES = 100
"""Of files, in an asset's page; the ledger has all (`cdp courier files`)."""


def landing_table(courier: str) -> TableName:
    """Give the name under which a courier's landing stands in the graph."""
    return TableName("landing", courier)


def source_assets(revision: Revision) -> list[dg.AssetsDefinition]:
    """Make one asset per courier (production only: a sandbox reads production's landing) and one per feed."""
    tenant = revision.tenant
    couriers = tenant.couriers.values() if revision.environment == PRODUCTION else ()
    tables = [table for table in revision.catalog.ordered() if table.kind == "domain"]
    return [
        *(_landing_asset(revision, courier) for courier in couriers),
        *(_domain_asset(revision, table) for table in tables if table.name not in revision.shared),
    ]


def _landing_asset(revision: Revision, courier: Courier) -> dg.AssetsDefinition:
    table = landing_table(courier.name)
    description = courier.description or f"Files that the courier {courier.name} has fetched, as they came."
    arguments = plain_arguments(revision, table, description=description, kinds={"file"}, priority=keys.TABLE_PRIORITY)

    def _asset(context: dg.AssetExecutionContext, platform: Platform, config: Look) -> dg.MaterializeResult:
        with errors_as_dagster(str(table)):
            wanted = wanted_by(config, context.run.tags, revision.tenant, platform, courier)
            landed = _land(context.run, platform, revision, courier, wanted)
            note_progress(context.run.tags, revision.tenant, platform, courier.name, wanted)
            logger.info("%s: %d new files", table, len(landed.files))
            return dg.MaterializeResult(metadata=_landed_metadata(landed))

    return as_asset(arguments, _asset)


def _land(run: dg.DagsterRun, platform: Platform, revision: Revision, courier: Courier, wanted: Wanted) -> Landed:
    """Fetch what is wanted; what is missing is told, whether the run goes on without it or not."""
    outside = platform.outside(revision)
    try:
        landed = land(
            courier,
            outside.courier(courier),
            state=platform.state,
            lake_root=platform.home.lake,
            environment=revision.environment,
            wanted=wanted,
        )
    except MissingFilesError as error:
        note_missing(platform, revision.tenant, run, courier, error.missing)
        raise
    note_missing(platform, revision.tenant, run, courier, [str(one) for one in landed.missing])
    return landed


def _landed_metadata(landed: Landed) -> dict[str, Any]:
    names = [file.name for file in landed.files]
    found = {"files": len(names), "bytes": sum(file.size_bytes for file in landed.files), "names": names[:MOST_NAMES]}
    return found | ({"missing": [str(one) for one in landed.missing]} if landed.missing else {})


def couriers_of(revision: Revision, feed: str) -> list[Courier]:
    """Give the couriers that bring a feed's files."""
    couriers = revision.tenant.couriers.values()
    return [courier for courier in couriers if any(operation.feed == feed for operation in courier.load)]


def _domain_asset(revision: Revision, table: Table) -> dg.AssetsDefinition:
    feed = table.definition
    assert isinstance(feed, Feed)  # noqa: S101 - the catalog pairs a domain table with its feed
    couriers = couriers_of(revision, table.name.name)
    arguments = asset_arguments(revision, table, kinds={"arrow", "deltalake"}, priority=keys.TABLE_PRIORITY)
    arguments["deps"] = [keys.asset_key(PRODUCTION, landing_table(courier.name)) for courier in couriers]
    key = arguments["key"]
    arguments["check_specs"] = [
        *arguments["check_specs"],
        dg.AssetCheckSpec("rejected_rows", asset=key, description="No row of the files of this run was rejected."),
    ]

    def _asset(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        with step(context, platform, revision, str(table.name)) as now:
            path = now.run.paths[table.name]
            results = _load_all(now.platform, revision, feed, couriers, path)
            version = delta.version(now.lake.absolute(path))
            now.record(table, 0 if version is None else version, {"loads": version or 0})
            rejected = sum(result.rows_rejected for result in results)
            loads = {"files_loaded": len(results), "rows_read": sum(result.rows_read for result in results)}
            result = now.result(table, loads | {"rows_rejected": rejected})
            rejects = dg.AssetCheckResult(
                check_name="rejected_rows",
                asset_key=key,
                passed=rejected == 0,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"rejected": rejected},
            )
            return result._replace(check_results=[*(result.check_results or ()), rejects])

    return as_asset(arguments, _asset)


def _load_all(platform: Platform, revision: Revision, feed: Feed, couriers: Sequence[Courier], path: str) -> list[Any]:
    outside = platform.outside(revision)
    results = []
    for courier in couriers:
        where: dict[str, Any] = {
            "state": platform.state,
            "environment": revision.environment,
            "landing_environment": PRODUCTION,
            "table_path": path,
            "keyring": outside.keyring(courier),
        }
        if feed.key in courier.queried_feeds:
            results += load_queried(feed, courier, revision.tenant.ingest_queries, platform.lake, **where)
        else:
            place = partial(_in_place, platform, outside, courier)
            results += load_pending(feed, courier, lake_root=platform.home.lake, in_place=place, **where)
    return results


def _in_place(platform: Platform, outside: Outside, courier: Courier) -> "InPlace":
    from cdp_assets.sources.in_place.spark import InPlace

    return InPlace(platform.lake, outside.store(courier))
