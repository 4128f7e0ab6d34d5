"""Query assets: a Presto query over one publication, run on Spark, kept for that publication."""

from __future__ import annotations

import time
from typing import Any

import dagster as dg

from cdp_assets.audiences.translate import Translated, translate
from cdp_assets.config.catalog import Table
from cdp_assets.config.query import Query
from cdp_assets.defs import keys
from cdp_assets.defs.metadata import preview, table_metadata
from cdp_assets.defs.platform import Platform, Revision
from cdp_assets.defs.retry import errors_as_dagster
from cdp_assets.environments.runs import current_publication
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName, table_path
from cdp_assets.security.personal import personal_columns
from cdp_assets.state import query_results
from cdp_assets.state.publications import Publication

ADVICE = "Expected a run that builds it to publish first"


def query_assets(revision: Revision) -> list[dg.AssetsDefinition]:
    """Make one asset per active query; a draft is not run."""
    return [_query_asset(revision, table) for table in revision.catalog.ordered() if is_active(table)]


def is_active(table: Table) -> bool:
    """Say whether a table of the catalog is an active query."""
    return isinstance(table.definition, Query) and table.definition.status == "active"


def _query_asset(revision: Revision, table: Table) -> dg.AssetsDefinition:
    key = keys.asset_key(revision.environment, table.name)

    @dg.asset(
        key=key,
        deps=[keys.asset_key(revision.environment, name) for name in table.inputs],
        group_name="query",
        description=table.description,
        kinds={"spark", "presto"},
        code_version=revision.fingerprints[table.name][:16],
        tags=keys.tags(revision.environment, revision.fingerprints[table.name]),
        op_tags={"dagster/priority": keys.PUBLISHED_PRIORITY},
    )
    def _asset(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult[Any]:
        with errors_as_dagster(str(table.name)):
            return _run_query(platform, revision, table)

    return _asset


def _run_query(platform: Platform, revision: Revision, table: Table) -> dg.MaterializeResult[Any]:
    """Answer the query from the current publication, once per publication and definition."""
    started_at = time.monotonic()
    lake, name = platform.lake, table.name.name
    publication = current_publication(platform.state, revision.environment)
    fingerprint = revision.fingerprints[table.name]
    with platform.state.read() as conn:
        known = query_results.find(conn, revision.environment, publication.id, name, fingerprint)
    path = table_path(revision.environment, table.name, fingerprint)
    if known is None:
        load_id = f"{publication.id}:{table.name}"
        written = lake.sessions.run(
            lambda: lake.overwrite(path, _answer(lake, table, publication), load_id=load_id)
        )
        with platform.state.write() as conn:
            query_results.put(
                conn, revision.environment, publication.id, name, fingerprint, path, written.version, written.rows
            )
        version = written.version
    else:
        version = known.version
    return _describe(lake, revision, table, publication, TableVersion(path, version), time.monotonic() - started_at)


def _answer(lake: Lake, table: Table, publication: Publication) -> Any:
    inputs = {name: published(publication, name) for name in table.inputs}
    columns = {name: lake.spark_schema(at) for name, at in inputs.items()}
    translated: Translated = translate(table.sql or "", columns, where=f"queries/{table.name.name}.sql")
    return lake.sql(translated.spark_sql, inputs, {})


def published(publication: Publication, table: TableName) -> TableVersion:
    """Give the version of a table that a publication pins; raises StateError when it has none."""
    return publication.version_of(table)


def _describe(
    lake: Lake, revision: Revision, table: Table, publication: Publication, at: TableVersion, seconds: float
) -> dg.MaterializeResult[Any]:
    path = lake.absolute(at.path)
    columns = {
        name: tuple(delta.schema(lake.absolute(entry.path), entry.version).names)
        for name, entry in publication.entries.items()
    }
    head = delta.read(path, at.version, limit=5)
    found = table_metadata(
        rows=delta.count(path, at.version),
        size_bytes=delta.size_bytes(path, at.version),
        schema=head.schema,
        seconds=seconds,
        path=at.path,
        version=at.version,
    )
    found["preview"] = preview(head, personal_columns(revision.catalog, table.name, columns))
    return dg.MaterializeResult(metadata=found | {"publication": publication.id})
