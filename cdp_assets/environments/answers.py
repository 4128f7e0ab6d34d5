"""Answers Presto queries from one publication: the query is translated, and every table is read at its version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from cdp_assets.audiences.engines import Asking, Engine, OnSpark
from cdp_assets.audiences.spark import frame
from cdp_assets.audiences.translate import translate
from cdp_assets.config import sql
from cdp_assets.config.catalog import Catalog, Table
from cdp_assets.config.query import Query
from cdp_assets.environments.published import PublishedColumns
from cdp_assets.environments.table_versions import KIND, TableHistory
from cdp_assets.errors import ConfigError, QueryError
from cdp_assets.lakehouse.lake import Frame, Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import VERSION_COLUMN, TableName
from cdp_assets.security.personal import personal_columns
from cdp_assets.state.publications import Publication

AD_HOC = TableName("query", "ad_hoc")
ON_SPARK = OnSpark()


def frame_of(
    lake: Lake,
    publication: Publication,
    table: Table,
    scope: TableName,
    *,
    where: str,
    history: TableHistory | None = None,
    engine: Engine = ON_SPARK,
) -> Frame:
    """Give the frame of a query's table as the publication holds its inputs. Belongs inside `sessions.run`.

    With a `history`, its table is all its versions, told apart by `amperity_version`.
    Raises QueryError for what the engine refuses, StateError for an input that is not published.
    """
    entries = {name: publication.entry(name) for name in table.inputs}
    inputs = {name: TableVersion(entry.path, entry.version) for name, entry in entries.items()}
    asking = Asking(table.sql or "", scope, where, publication.business_date)
    if history is None:
        return engine.frame(lake, asking, inputs)
    if not isinstance(engine, OnSpark):
        raise QueryError(where, VERSION_COLUMN, "Only `query_engine: spark` tells a table's versions apart.")
    columns = {name: lake.spark_columns(at) for name, at in inputs.items()}
    spelled = {history.table: history.spelled(lake, columns[history.table])}
    columns[history.table] |= {VERSION_COLUMN: KIND}
    translated = translate(asking.text, columns, scope, where=where, today=asking.today)
    return frame(lake, translated, inputs, spelled)


def personal_of_answer(
    lake: Lake, publication: Publication, catalog: Catalog, query: TableName, columns: Sequence[str]
) -> frozenset[str]:
    """Give those of an answer's columns that are about a person, by what the publication's tables hold."""
    return personal_columns(catalog, query, PublishedColumns(lake.root, publication, {query: tuple(columns)}))


def with_ad_hoc(catalog: Catalog, text: str, database: str, scope: TableName) -> Catalog:
    """Give the catalog with one query more, AD_HOC, so that what it shows is judged as any query's is.

    Raises QueryError for text that is not one SELECT, and for a table that does not exist.
    """
    try:
        references = sql.references(sql.parse(text, "trino", "the query"))
    except ConfigError as error:
        raise QueryError(error.where, error.problem, f"Expected {error.expected}.") from None
    inputs = set()
    for reference in references:
        target = catalog.resolve(sql.parts(reference), scope)
        if target is None:
            known = ", ".join(sorted(name.name for name in catalog.tables if name.layer == scope.layer))
            name = ".".join(sql.parts(reference))
            raise QueryError("the query", f"table {name}", f"It does not exist here. Tables of {database}: {known}.")
        inputs.add(target)
    query = Query(name=AD_HOC.name, database=database, sql=text)
    table = Table(AD_HOC, "query", tuple(sorted(inputs)), "", query, text)
    return replace(catalog, tables={**catalog.tables, AD_HOC: table})
