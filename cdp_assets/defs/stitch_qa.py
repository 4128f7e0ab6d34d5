"""Stitch QA as assets: every query's answer after each full run, with a plot where people would rather look."""

import dagster as dg
import pyarrow as pa

from cdp_assets.config.people_tables import COALESCED
from cdp_assets.defs import metadata
from cdp_assets.defs.metadata import MetadataValue
from cdp_assets.defs.platform import Platform, Revision
from cdp_assets.defs.retry import errors_as_dagster
from cdp_assets.defs.step import as_asset, plain_arguments
from cdp_assets.environments.columns import columns_of
from cdp_assets.environments.runs import current_publication
from cdp_assets.environments.stitch_qa import LAYERS, Rows, StitchQa, is_stitch_qa
from cdp_assets.names import TableName
from cdp_assets.stitch.qa.queries import QaQuery, completed, qa_queries, read_tables

QA_LAYER = "stitch_qa"
MOST = 100
BARS = 20
"""The most bars of a plot."""
COUNTS = ("people", "without_id", "unmatched", "of_several", "keys", "records", "different_values", "pairs")
"""What a plot shows the height of: the first of these columns that an answer has."""


def qa_assets(revision: Revision) -> list[dg.AssetsDefinition]:
    """Make an asset per query for a tenant with a database of the template stitch_qa; others have none."""
    if not any(is_stitch_qa(revision.tenant, name) for name in revision.tenant.databases):
        return []
    return [_asset(revision, query) for query in qa_queries().values()]


def _asset(revision: Revision, query: QaQuery) -> dg.AssetsDefinition:
    name = TableName(QA_LAYER, query.name)
    read = _read(revision, query)
    arguments = plain_arguments(revision, name, deps=read, description=query.description, kinds={"presto"})

    def _answered(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        with errors_as_dagster(str(name)):
            publication = current_publication(platform.state, revision.environment)
            rows = StitchQa(platform.home.lake, publication, revision.tenant).answer(query, MOST)
            return dg.MaterializeResult(metadata={"publication": publication.id, **_described(query, rows)})

    return as_asset(arguments, _answered)


def _read(revision: Revision, query: QaQuery) -> list[TableName]:
    tree = completed(query, columns_of(revision.tenant).of(COALESCED))
    known = revision.catalog.tables
    names = [TableName(layer, name) for name in read_tables(tree) for layer in LAYERS]
    return [name for name in names if name in known]


def _described(query: QaQuery, rows: Rows) -> dict[str, MetadataValue]:
    """Give what an operator sees of an answer, whose personal values are hidden already."""
    found: dict[str, MetadataValue] = {"dagster/row_count": len(rows)}
    if not rows:
        return found
    found["preview"] = metadata.preview(pa.Table.from_pylist(rows), frozenset())
    if (bars := plotted(rows)) is not None:
        found["plot"] = metadata.bar_plot(query.description, bars)
    return found


def plotted(rows: Rows) -> list[tuple[str, int]] | None:
    """Give the bars of an answer, each named by the columns before its count; nothing where that would say nothing.

    >>> plotted([{"datasource": "shop", "records": 3, "people": 2}, {"datasource": "till", "records": 1, "people": 1}])
    [('shop 3', 2), ('till 1', 1)]
    """
    columns = list(rows[0])
    count = next((name for name in COUNTS if name in columns), None)
    if count is None or columns.index(count) == 0 or len(rows) == 1:
        return None
    named = columns[: columns.index(count)]
    return [(" ".join(str(row[name]) for name in named), int(row[count])) for row in rows[:BARS]]
