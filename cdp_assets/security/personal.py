"""Which columns are about a person: by lineage to a personal semantic, and when in doubt, yes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from cdp_assets.config import sql
from cdp_assets.config.catalog import Catalog, Table, scope_of
from cdp_assets.config.database import DatabaseTable
from cdp_assets.config.feed import Feed
from cdp_assets.names import VERSION_COLUMN, TableName
from cdp_assets.semantics import SEMANTICS, semantic

ColumnsOf = Mapping[TableName, Sequence[str]]
HARMLESS = frozenset(
    {
        "_updated", "datasource", "component_id", "supersized_id", "is_supersized", "_cdp_cut", "has_blv",
        "blv_address", "blv_email", "blv_given_name", "blv_phone", "blv_surname", "score", "match_category",
        "match_type",
        "source1", "source2", "retired", "rep_ds", "create_dt", "update_dt", "semantic", "num_values", "num_proxy",
        "strategy", "size", "compared", "domain_table", "is_preprocessed", "score_count", "case_count", "datasource_a",
        "datasource_b", "brand",
    }
)  # fmt: skip
"""Columns that the platform itself adds and that say nothing about who somebody is."""
WITHOUT_PEOPLE = frozenset({"stitch_model", "stitch_benchmarks"})
"""Tables of Stitch that hold counts and chances alone."""
EVIDENCE = frozenset({"levels", "rarity", "bits", "decided_by"})
"""What stitch_explanations says of two records: how well they agree, never on what."""
OF_RECIPIENTS = frozenset({"amperity_id", "pk"})
"""What campaign_recipients says of a person; the rest is about the campaign."""
FAMILIES = (
    "txn-item/",
    "pc/",
    "fiscal/",
    "loy/",
    "loy-event/",
    "email-event/",
    "email-opt/",
    "email-summary/",
    "sms-opt/",
)
OF_EVENTS = frozenset(
    name
    for tag, meaning in SEMANTICS.items()
    if tag.startswith(FAMILIES) and not meaning.personal
    for name in [meaning.column]
)
MADE_FROM_EVENTS = (
    "order",
    "lifetime_",
    "l30d_",
    "l3m_",
    "l6m_",
    "l12m_",
    "ly12m_",
    "first_",
    "second_",
    "latest_",
    "multi_purchase",
    "one_and_done",
    "early_repeat",
    "days_since",
    "net_order",
    "fiscal_",
    "sum_item",
    "email_click",
    "email_open",
    "engagement_",
    "most_recent_email_",
    "purchase_before_",
    "signup_to_",
    "current_point_balance",
)
ABOUT_THE_SOURCE = ("_datasource", "_update_dt", "_priority", "_completion", "_blv")
"""Endings of what a merged table says about where a value is from."""
SIDES = 2
AGGREGATES = (exp.Count, exp.ApproxDistinct)


def personal_columns(catalog: Catalog, table: TableName, columns_of: ColumnsOf) -> frozenset[str]:
    """Give the columns of `table` that are obfuscated wherever a value is shown.

    A column is personal when its lineage reaches a personal semantic, or is unknown. A feed's text column
    without a tag is unknown; counts of people are not personal.
    """
    return frozenset(column for column in columns_of[table] if is_personal(catalog, table, column, columns_of))


def is_personal(catalog: Catalog, table: TableName, column: str, columns_of: ColumnsOf) -> bool:
    """Say whether one column is personal; a table that the catalog does not know is."""
    known = catalog.tables.get(table)
    if known is None:
        return True
    if column == VERSION_COLUMN:
        return False
    if known.kind == "domain":
        return _of_feed(known, column)
    if known.kind in ("stitch", "unified", "segment"):
        return table.name not in WITHOUT_PEOPLE and not _is_evidence(table, column) and _of_unified(column)
    if known.kind == "campaign":
        return column in OF_RECIPIENTS
    if isinstance(known.definition, DatabaseTable):
        setting = known.definition.columns.get(column)
        if setting is not None and setting.personal:
            return True
        if known.definition.mode == "passthrough":
            return is_personal(catalog, known.inputs[0], column, columns_of)
    return _of_sql(catalog, known, column, columns_of)


def _of_feed(table: Table, column: str) -> bool:
    feed = table.definition
    if not isinstance(feed, Feed):
        return True
    if column in HARMLESS:
        return False
    field = next((field for field in feed.fields if field.name == column), None)
    if field is None:
        return True
    meanings = [semantic(tag) for tag in field.tags]
    if not meanings:
        return field.type in ("string", "date")
    return any(meaning is None or meaning.personal for meaning in meanings)


def _is_evidence(table: TableName, column: str) -> bool:
    return table.name == "stitch_explanations" and column in EVIDENCE


def _of_unified(column: str) -> bool:
    from_events = column in OF_EVENTS or column.startswith(MADE_FROM_EVENTS)
    return not (column in HARMLESS or from_events or column.endswith(ABOUT_THE_SOURCE))


def _of_sql(catalog: Catalog, table: Table, column: str, columns_of: ColumnsOf) -> bool:
    """Follow a column of the tenant's SQL to the columns that it is made from."""
    dialect = "trino" if table.kind == "query" else "spark"
    try:
        tree = sql.parse(table.sql or "", dialect, str(table.name))
        schema: dict[str, object] = {}
        for reference in sql.references(tree):
            target = catalog.resolve(sql.parts(reference), scope_of(table))
            if target is None:
                return True
            flat = f"{target.layer}__{target.name}"
            schema[flat] = dict.fromkeys((*columns_of[target], VERSION_COLUMN), "string")
            alias = reference.alias_or_name
            reference.replace(exp.alias_(exp.to_table(flat), alias, table=True))
        scope = build_scope(qualify(tree, schema=schema, dialect=dialect, validate_qualify_columns=False))
    except (SqlglotError, KeyError):
        return True
    names = {f"{name.layer}__{name.name}": name for name in catalog.tables}
    walk = _Walk(lambda flat, inner: is_personal(catalog, names[flat], inner, columns_of))
    return scope is None or walk.reaches_person(scope, column)


class _Walk:
    """The way through one query; each column of each SELECT is followed once, however often it is read."""

    def __init__(self, judge: Callable[[str, str], bool]) -> None:
        self._judge = judge
        self._known: dict[tuple[int, str], bool] = {}

    def reaches_person(self, scope: Scope, column: str) -> bool:
        """Say whether a column of a SELECT shows what a personal column of a table holds."""
        key = id(scope), column
        if key not in self._known:
            self._known[key] = self._follow(scope, column)
        return self._known[key]

    def _follow(self, scope: Scope, column: str) -> bool:
        query = cast(exp.Query, scope.expression)
        if isinstance(query, exp.SetOperation):
            index = next((i for i, item in enumerate(query.selects) if item.alias_or_name == column), None)
            sides = scope.set_operation_scopes or []
            return index is None or len(sides) != SIDES or any(self._nth_reaches(side, index) for side in sides)
        item = next((item for item in query.selects if item.alias_or_name == column), None)
        if item is None:
            return True
        for found in _value_columns(item):
            source = scope.sources.get(found.table)
            if isinstance(source, exp.Table):
                if self._judge(source.name, found.name):
                    return True
            elif not isinstance(source, Scope) or self.reaches_person(source, found.name):
                return True
        return False

    def _nth_reaches(self, scope: Scope, index: int) -> bool:
        query = scope.expression
        return not isinstance(query, exp.Query) or self.reaches_person(scope, query.selects[index].alias_or_name)


def _value_columns(item: exp.Expr) -> list[exp.Column]:
    """Give the columns whose values can show through an expression; counts and conditions let none through."""
    if isinstance(item, (*AGGREGATES, exp.Predicate, exp.Not, exp.Is, exp.RowNumber)):
        return []
    if isinstance(item, exp.Column):
        return [item]
    if isinstance(item, exp.Case):
        branches = [*(branch.args["true"] for branch in item.args["ifs"]), item.args.get("default")]
        return [column for branch in branches if branch is not None for column in _value_columns(branch)]
    return [column for child in item.iter_expressions() for column in _value_columns(child)]
