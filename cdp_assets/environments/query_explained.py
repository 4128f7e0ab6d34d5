"""Explains a question without asking it: the Spark SQL, what is read, where columns come from, what is personal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cdp_assets.audiences.translate import translate
from cdp_assets.config import sql
from cdp_assets.config.catalog import scope_of
from cdp_assets.environments.asking import Question, hidden
from cdp_assets.environments.lineage import UnclearError, shape_of
from cdp_assets.environments.table_versions import KIND, asks_for_versions
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import VERSION_COLUMN, TableName


@dataclass(frozen=True)
class Explained:
    """What is known of a question before it is asked."""

    question: Question
    spark_sql: str
    lineage: dict[str, list[str]]
    """Column -> the columns, as `layer.name.column`, that it is made of; empty where it cannot be told."""
    personal: frozenset[str]

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        publication = self.question.publication
        read = [publication.entry(name) for name in self.question.table.inputs]
        return {
            "query": self.question.table.name.name,
            "publication": publication.id,
            "tables": [{"table": str(one.table), "path": one.path, "version": one.version} for one in read],
            "lineage": self.lineage,
            "personal": sorted(self.personal),
            "spark_sql": self.spark_sql,
        }


def explain(lake: Lake, question: Question) -> Explained:
    """Say what asking a question would do. Raises QueryError where it would be refused."""
    table, publication = question.table, question.publication
    entries = {name: publication.entry(name) for name in table.inputs}
    columns = {name: lake.spark_columns(TableVersion(one.path, one.version)) for name, one in entries.items()}
    if asks_for_versions(table.sql or ""):
        columns = {name: {**found, VERSION_COLUMN: KIND} for name, found in columns.items()}
    today = publication.business_date
    translated = translate(table.sql or "", columns, scope_of(table), where="the query", today=today)
    lineage = _lineage(question, {name: tuple(found) for name, found in columns.items()})
    return Explained(question, translated.spark_sql, lineage, hidden(lake, question, list(lineage)))


def _lineage(question: Question, columns: dict[TableName, tuple[str, ...]]) -> dict[str, list[str]]:
    tree = sql.parse(question.table.sql or "", "trino", "the query")
    for reference in sql.references(tree):
        target = question.catalog.resolve(sql.parts(reference), scope_of(question.table))
        assert target is not None  # noqa: S101 - the catalog has refused what is absent
        sql.rename(tree, reference, (target.layer, target.name))
    names = [one.alias_or_name for one in tree.selects]
    try:
        shape = shape_of(tree, columns, "trino")
    except UnclearError:
        return {name: [] for name in names}
    return {name: shape.origins(name) for name in shape.outputs}
