"""The Stitch asset: one step that reads every stitched record and writes ids, scores and their evidence."""

import logging
from collections.abc import Iterator
from typing import Any

import dagster as dg
import polars as pl
import pyarrow as pa

from cdp_assets.config.catalog import STITCH_IDS, STITCH_TABLES, Table, stitched_feeds
from cdp_assets.defs import checks, keys, metadata
from cdp_assets.defs.jitter import jitter_result, jitter_spec
from cdp_assets.defs.platform import Platform, Revision
from cdp_assets.defs.step import Step, covering, step
from cdp_assets.defs.stitch_report import report_metadata
from cdp_assets.lakehouse.content import Kept, held, keep_all
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import deletions, tenant_keys
from cdp_assets.stitch.child import stitch_in_child
from cdp_assets.stitch.given import PREVIOUS, Given
from cdp_assets.stitch.kernel import StitchResult
from cdp_assets.unified.empty_tables import refuse_empty
from cdp_assets.unified.people import stitch_input_sql
from cdp_assets.unified.steering import bad_values_sql, labels_sql, nicknames_sql

STEERING = {"labels": labels_sql, "bad_values": bad_values_sql, "nicknames": nicknames_sql}
"""What steers Stitch beside its records -> the SQL that reads it, where the tenant has such tables."""
logger = logging.getLogger(__name__)
JITTER = "jitter_percent"


def stitch_assets(revision: Revision) -> list[dg.AssetsDefinition]:
    """Make the one multi-asset of all Stitch outputs, or none where no feed is stitched or all are shared."""
    tables = [table for table in revision.catalog.ordered() if table.kind == "stitch"]
    if not tables or all(table.name in revision.shared for table in tables):
        return []
    return [_stitch_asset(revision, tables)]


def _stitch_asset(revision: Revision, tables: list[Table]) -> dg.AssetsDefinition:
    outputs = {keys.asset_key(revision.environment, table.name): table for table in tables}
    specs = [
        dg.AssetSpec(
            key,
            deps=[keys.asset_key(revision.environment, name) for name in table.inputs],
            group_name=table.name.layer,
            description=table.description,
            kinds={"polars", "deltalake"},
            code_version=revision.fingerprints[table.name][:16],
            tags=keys.tags(revision.environment, revision.fingerprints[table.name]),
        )
        for key, table in outputs.items()
    ]

    @dg.multi_asset(
        name=f"{revision.environment}__stitch".replace("-", "_"),
        specs=specs,
        check_specs=[spec for key, table in outputs.items() for spec in _check_specs(key, table)],
        op_tags={"dagster/priority": keys.TABLE_PRIORITY},
        pool=revision.environment,
    )
    def _asset(context: dg.AssetExecutionContext, platform: Platform) -> Iterator[dg.MaterializeResult[Any]]:
        with step(context, platform, revision, "stitch") as now:
            extra = _stitch(now, tables)
            yield from [_described(now, table, extra.get(table.name)) for table in tables]

    return _asset


def _check_specs(key: dg.AssetKey, table: Table) -> list[dg.AssetCheckSpec]:
    return checks.check_specs(key, table) + ([jitter_spec(key)] if table.name == STITCH_IDS else [])


def _described(now: Step, table: Table, extra: dict[str, Any] | None) -> dg.MaterializeResult[Any]:
    result = now.result(table, extra)
    if table.name != STITCH_IDS or result.asset_key is None:
        return result
    jitter = jitter_result(result.asset_key, (extra or {}).get(JITTER, 0.0), now.revision.tenant.stitch)
    return result._replace(check_results=[*(result.check_results or []), jitter])


def _stitch(now: Step, tables: list[Table]) -> dict[TableName, dict[str, Any]]:
    """Resolve identities and write every output that changes, unless the same records made what is there."""
    inputs = now.inputs(tables[0])
    coverage = covering(inputs)
    present = {table: now.unchanged(table, coverage) for table in tables}
    if all(present.values()) and not now.revision.tenant.stitch.force_run:
        for table, entry in present.items():
            now.record(table, entry.version if entry else 0, coverage)
        return {table.name: {"reused": "the inputs have not changed"} for table in tables}
    result = _resolve(now)
    frames = result.tables()
    versions = keep_all([_kept(now, table, frames[table.name.name]) for table in tables])
    for table, version in zip(tables, versions, strict=True):
        now.record(table, version, coverage)
    return {STITCH_IDS: _plots(result) | _report(now, result)}


def _kept(now: Step, table: Table, rows: pa.Table) -> Kept:
    entry = now.run.entry(table.name)
    at = entry.version if entry else None
    return Kept(now.lake.absolute(now.run.paths[table.name]), at, rows, now.load_id(table.name))


def _resolve(now: Step) -> StitchResult:
    tenant = now.revision.tenant
    records = _rows(now, stitch_input_sql(tenant))
    refuse_empty(tenant, records)
    with now.platform.state.write() as conn:
        key = tenant_keys.get_or_create(conn, "amperity_id")
    steering: dict[str, Any] = {name: _rows(now, sql) for name, make in STEERING.items() if (sql := make(tenant))}
    before = now.run.base_entry(STITCH_IDS)
    given = Given(
        key=key,
        run_id=now.run.run_id,
        at=now.run.began_at,
        settings_changed=before is not None and before.path != now.run.paths[STITCH_IDS],
        previous=_previous_tables(now, records.height >= tenant.stitch.incremental_above_records),
        erased=_erased(now),
        **steering,
    )
    result = stitch_in_child(records, tenant.stitch, given)
    logger.info("Stitch: %s (%s), %d records are news", result.report.pace, result.report.why, result.report.news)
    return result


def _erased(now: Step) -> pl.DataFrame:
    """Give datasource, pk of the stitched feeds' records that were deleted for good."""
    with now.platform.state.read() as conn:
        rows = [
            (feed.datasource, pk)
            for feed in stitched_feeds(now.revision.tenant)
            for environment in {now.run.environment, PRODUCTION}
            for pk in deletions.keys_for(conn, environment, feed.datasource)
        ]
    return pl.DataFrame(sorted(set(rows)), schema={"datasource": pl.String, "pk": pl.String}, orient="row")


def _previous_tables(now: Step, is_large: bool) -> dict[str, pl.DataFrame]:
    """Give what a run starts from: all tables where the news alone may be resolved."""
    wanted = [table for table in STITCH_TABLES if is_large or table.name in PREVIOUS]
    return {table.name: found for table in wanted if (found := _previous(now, table)) is not None}


def _rows(now: Step, sql: str) -> pl.DataFrame:
    inputs = now.versions(now.inputs(now.revision.catalog.tables[STITCH_IDS]))
    return pl.DataFrame(now.lake.sessions.run(lambda: now.lake.sql(sql, inputs, {}).toArrow()))


def _previous(now: Step, table: TableName) -> pl.DataFrame | None:
    """Give what the environment's current publication says; a failed run leaves no trace in it."""
    entry = now.run.base_entry(table)
    return None if entry is None else held(now.lake.absolute(entry.path), entry.version)


def _report(now: Step, result: StitchResult) -> dict[str, Any]:
    previous = {STITCH_IDS.name: ids} if (ids := _previous(now, STITCH_IDS)) is not None else {}
    return dict(report_metadata(now.platform.home, now.run.environment, now.run.began_at, result.frames, previous))


def _plots(result: StitchResult) -> dict[str, Any]:
    report = result.report
    return {
        "people": report.clusters,
        "resolved": f"{report.pace}: {report.why}",
        "news": report.news,
        JITTER: report.jitter_percent,
        "records": report.records,
        "cluster_sizes": metadata.bar_plot("Records per person", report.cluster_sizes),
        "scores": metadata.bar_plot("Pairs per score category", report.score_categories),
    }
