"""The Stitch asset: one step that reads every stitched record and writes ids, scores and their evidence."""

import logging
from collections.abc import Iterator
from functools import partial
from typing import Any

import dagster as dg

from cdp_assets.config.catalog import STITCH_IDS, Table
from cdp_assets.defs import checks, keys, metadata
from cdp_assets.defs.jitter import jitter_result, jitter_spec
from cdp_assets.defs.platform import Platform, Revision
from cdp_assets.defs.step import Step, covering, step
from cdp_assets.defs.stitch_report import labels_metadata, report_metadata
from cdp_assets.defs.stitch_spark import in_spark
from cdp_assets.defs.stitch_tables import given_of, published, records_of_feeds, rows_of, target
from cdp_assets.names import TableName
from cdp_assets.stitch.child import Tables, stitch_in_child
from cdp_assets.stitch.estimate import engine_of
from cdp_assets.stitch.report import Report
from cdp_assets.unified.empty_tables import refuse_empty
from cdp_assets.unified.people import stitch_input_sql

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
    counts = records_of_feeds(now)
    refuse_empty(now.revision.tenant, [datasource for datasource, records in counts.items() if records])
    engine = engine_of(sum(counts.values()), now.revision.tenant.stitch)
    if engine == "spark":
        versions, report, page = in_spark(now, tables)
    else:
        versions, report, page = _in_one_process(now, tables, sum(counts.values()))
    for table, version in zip(tables, versions, strict=True):
        now.record(table, version, coverage)
    logger.info("Stitch in %s: %s (%s), %d records are news", engine, report.pace, report.why, report.news)
    return {STITCH_IDS: {"engine": engine} | _plots(report) | page}


def _in_one_process(now: Step, tables: list[Table], size: int) -> tuple[list[int], Report, dict[str, Any]]:
    """Give the version of each table, what the run was like, and its page."""
    settings, given = now.revision.tenant.stitch, given_of(now, {})
    before = published(now, size >= settings.incremental_above_records)
    at = Tables(before, {table.name.name: target(now, table) for table in tables})
    records = partial(rows_of, now, stitch_input_sql(now.revision.tenant))
    found = stitch_in_child(records, settings, given, at)
    versions = [found.versions[table.name.name] for table in tables]
    said: dict[str, Any] = dict(labels_metadata(given.labels, found.labelled))
    if found.figures is not None:
        said |= report_metadata(now.platform.home, now.run.environment, now.run.began_at, found.figures)
    return versions, found.report, said


def _plots(report: Report) -> dict[str, Any]:
    return {
        "people": report.clusters,
        "resolved": f"{report.pace}: {report.why}",
        "news": report.news,
        JITTER: report.jitter_percent,
        "records": report.records,
        "seconds": dg.MetadataValue.json(dict(report.seconds)),
        "cluster_sizes": metadata.bar_plot("Records per person", report.cluster_sizes),
        "scores": metadata.bar_plot("Pairs per score category", report.score_categories),
    }
