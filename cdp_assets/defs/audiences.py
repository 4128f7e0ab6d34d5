"""Query assets: a Presto query over one publication, run on Spark, kept for that publication."""

import logging
import time
from typing import Any

import dagster as dg

from cdp_assets.config.catalog import Table, scope_of
from cdp_assets.config.query import Query
from cdp_assets.defs import checks, keys
from cdp_assets.defs.alerting import note_record_count
from cdp_assets.defs.metadata import PREVIEW_ROWS, preview, table_metadata
from cdp_assets.defs.platform import Platform, Revision
from cdp_assets.defs.record_counts import record_count_results, record_count_specs
from cdp_assets.defs.retry import errors_as_dagster
from cdp_assets.environments.answers import frame_of, personal_of_answer
from cdp_assets.environments.asking import Asked, Question, asking
from cdp_assets.environments.engine import engine_of
from cdp_assets.environments.runs import current_publication
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.names import sql_file, table_path
from cdp_assets.security.user import acting_user
from cdp_assets.state import query_results
from cdp_assets.state.publications import Publication
from cdp_assets.state.query_results import QueryResult, ResultKey

logger = logging.getLogger(__name__)


def query_assets(revision: Revision) -> list[dg.AssetsDefinition]:
    """Make one asset per active query; a draft is not run."""
    return [_query_asset(revision, table) for table in revision.catalog.ordered() if is_active(table)]


def is_active(table: Table) -> bool:
    """Say whether a table of the catalog is an active query."""
    return isinstance(table.definition, Query) and table.definition.status == "active"


def _query_asset(revision: Revision, table: Table) -> dg.AssetsDefinition:
    key = keys.asset_key(revision.environment, table.name)
    query = table.definition
    assert isinstance(query, Query)  # noqa: S101 - what `is_active` lets through

    @dg.asset(
        key=key,
        deps=[keys.asset_key(revision.environment, name) for name in table.inputs],
        group_name="query",
        description=table.description,
        kinds={"spark", "presto"},
        code_version=revision.fingerprints[table.name][:16],
        tags=keys.tags(revision.environment, revision.fingerprints[table.name]),
        op_tags={"dagster/priority": keys.PUBLISHED_PRIORITY},
        check_specs=[checks.not_empty_spec(key), *record_count_specs(key, query)],
        pool=revision.environment,
    )
    def _asset(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        with errors_as_dagster(str(table.name)):
            return _run_query(platform, revision, table, query, context.run)

    return _asset


def _run_query(
    platform: Platform, revision: Revision, table: Table, query: Query, run: dg.DagsterRun
) -> dg.MaterializeResult[Any]:
    """Answer the query from the current publication, once per publication and definition."""
    started_at = time.monotonic()
    publication = current_publication(platform.state, revision.environment)
    key = ResultKey(revision.environment, publication.id, table.name.name, revision.fingerprints[table.name])
    with platform.state.read() as conn:
        result = query_results.find(conn, key)
    if result is None:
        engine = engine_of(platform.state, revision.environment, revision.tenant)
        asked_of = Question(revision.environment, revision.catalog, table, publication, engine)
        with asking(platform.state, platform.lake, asked_of, acting_user(), "run") as asked:
            result = _answer(platform.lake, revision, asked_of, asked)
            asked.rows = result.rows
        with platform.state.write() as conn:
            query_results.put(conn, key, result)
    logger.info("%s: %d rows in %.1f s", table.name, result.rows, time.monotonic() - started_at)
    note_record_count(platform, revision.tenant, run, query, result.rows)
    described = _described(platform.lake, revision, table, publication, result, time.monotonic() - started_at)
    asset_key = keys.asset_key(revision.environment, table.name)
    judged = [checks.not_empty(asset_key, result.rows), *record_count_results(asset_key, query, result.rows)]
    return dg.MaterializeResult(metadata=described, check_results=judged)


def _answer(lake: Lake, revision: Revision, asked_of: Question, asked: Asked) -> QueryResult:
    table, publication = asked_of.table, asked_of.publication
    path = table_path(revision.environment, table.name, revision.fingerprints[table.name])

    def write() -> int:
        with lake.sessions.tagged(asked.run_id):
            scope, where = scope_of(table), sql_file(table.name)
            history, engine = asked.history, asked_of.engine
            frame = frame_of(lake, publication, table, scope, where=where, history=history, engine=engine)
            return lake.overwrite(path, frame, load_id=f"{publication.id}:{table.name}")

    version = lake.sessions.run(write)
    return QueryResult(path, version, delta.count(lake.absolute(path), version))


def _described(
    lake: Lake,
    revision: Revision,
    table: Table,
    publication: Publication,
    result: QueryResult,
    seconds: float,
) -> dict[str, Any]:
    path = lake.absolute(result.path)
    head = delta.read(path, result.version, limit=PREVIEW_ROWS)
    found = table_metadata(
        rows=result.rows,
        size_bytes=delta.size_bytes(path, result.version),
        schema=head.schema,
        seconds=seconds,
        path=result.path,
        version=result.version,
    )
    personal = personal_of_answer(lake, publication, revision.catalog, table.name, head.column_names)
    found["preview"] = preview(head, personal)
    return found | {"publication": publication.id}
