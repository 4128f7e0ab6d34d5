"""Every logical table of a tenant, what makes it and what it reads."""

from __future__ import annotations

import graphlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from cdp_assets.cache import remembered
from cdp_assets.config.base import ConfigModel
from cdp_assets.config.feed import Feed
from cdp_assets.config.people_tables import BUYERS, COALESCED, email_tables, people_tables
from cdp_assets.config.query import Query
from cdp_assets.config.sql_facts import sql_facts
from cdp_assets.config.steering import steering_inputs
from cdp_assets.config.stitch import Stitch
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigError
from cdp_assets.names import TableName, database_layer
from cdp_assets.semantics import family

Kind = Literal["domain", "custom", "stitch", "unified", "database", "segment", "campaign", "query"]
RESOLUTION_ORDER = ("unified", "stitch", "custom", "domain")
"""Where a one-part name is looked for, after the tables of the own database."""

STITCH_IDS = TableName("stitch", "stitch_ids")
CHANGED_PEOPLE = TableName("unified", "unified_changes_clusters")
CHANGED_RECORDS = TableName("unified", "unified_changes_pks")
STITCH_TABLES: Mapping[TableName, str] = {
    STITCH_IDS: "Which person each record is: datasource and primary key to amperity_id.",
    TableName("stitch", "stitch_records"): "What Stitch found about each record: component, duplicates, bad values.",
    TableName("stitch", "stitch_retired_ids"): "The records that last held each id that nobody holds any more.",
    TableName("stitch", "unified_preprocessed_raw"): "The normalised values that were compared.",
    TableName("stitch", "stitch_spelled"): "Each record as it was normalised; the next run finds the news by it.",
    TableName("stitch", "stitch_shares"): "How common the values were that the model was learnt with, as hashes.",
    TableName("stitch", "stitch_runs"): "How each run resolved: everything, or the news alone; and why.",
    TableName("unified", "unified_scores"): "How well the records of one person agree, pair by pair.",
    TableName(
        "stitch", "stitch_explanations"
    ): "Why each pair of one person has its score: the evidence, field by field.",
    TableName("stitch", "stitch_model"): "What the run learnt: how likely each level of agreement is for a person.",
    TableName("stitch", "stitch_blocks"): "The blocks of records that were too large to compare whole.",
    TableName("stitch", "stitch_labelled"): "The records that labels name, and which labels do.",
    TableName("stitch", "stitch_benchmarks"): "How many people look like several, or like a part of one; five runs.",
    TableName("stitch", "stitch_blocking_keys"): "The keys that made records worth comparing, where several share one.",
    TableName("stitch", "stitch_badvalues"): "Values that do not say who somebody is, and how common each is.",
    TableName("stitch", "stitch_scores"): "How well records agree that were compared, within people and between.",
    TableName(
        "stitch", "detailed_examples"
    ): "Pairs to look at: the commonest ways to agree in each category of score.",
    CHANGED_PEOPLE: "Which people are new, gone or have other records since the run before, and why.",
    CHANGED_RECORDS: "Which records are new, gone or with another person since the run before, and why.",
}
SCORE_TABLES = frozenset(
    (
        TableName("unified", "unified_scores"),
        TableName("stitch", "stitch_scores"),
        TableName("stitch", "stitch_explanations"),
        TableName("stitch", "detailed_examples"),
    )
)
"""Tables that `skip_unified_scores` leaves out."""
ITEMIZED = TableName("unified", "unified_itemized_transactions")
TRANSACTIONS = TableName("unified", "unified_transactions")
ATTRIBUTES = BUYERS
CATALOG = TableName("unified", "unified_product_catalog")
FISCAL_CALENDAR = TableName("unified", "fiscal_calendar")
RECIPIENTS = TableName("unified", "campaign_recipients")


@dataclass(frozen=True)
class Table:
    """One logical table."""

    name: TableName
    kind: Kind
    inputs: tuple[TableName, ...]
    description: str
    definition: ConfigModel | None = None
    """The resource that asks for it; built-in tables have none."""
    sql: str | None = None
    """The tenant's own SQL: Spark, or Presto for a query."""


@dataclass(frozen=True)
class Catalog:
    """All tables of a tenant."""

    tables: Mapping[TableName, Table]

    def ordered(self) -> list[Table]:
        """Give the tables, inputs first; raises ConfigError naming a cycle."""
        graph = {name: sorted(table.inputs) for name, table in sorted(self.tables.items())}
        try:
            order = list(graphlib.TopologicalSorter(graph).static_order())
        except graphlib.CycleError as error:
            cycle = " -> ".join(str(name) for name in reversed(error.args[1]))
            raise ConfigError(
                str(error.args[1][0]), f"a cycle: {cycle}", "SQL tables that do not read each other"
            ) from None
        return [self.tables[name] for name in order if name in self.tables]

    def resolve(self, parts: Sequence[str], scope: TableName | None) -> TableName | None:
        """Give the table that a reference means, or nothing.

        One part is looked for in the own database, then in unified, stitch, custom and domain tables. Two
        parts are `layer.name`, or a database and its table.
        """
        return resolve(self.tables, parts, scope)

    def qualified(self, text: str, dialect: str, scope: TableName | None) -> str:
        """Spell the tenant's SQL with every reference as `layer.name`, under the name by which its columns call it.

        Raises ConfigError for a reference to something absent.
        """
        from cdp_assets.config import sql  # importing sqlglot takes 0.1 s: who only asks what is read does without

        tree = sql.parse(text, dialect, str(scope))
        for reference in sql.references(tree):
            target = self.resolve(sql.parts(reference), scope)
            if target is None:
                name = ".".join(sql.parts(reference))
                raise ConfigError(str(scope), f"reads {name}, which is absent", "a table of the tenant")
            sql.rename(tree, reference, (target.layer, target.name))
        return str(tree.sql(dialect=dialect))


def resolve(tables: Mapping[TableName, object], parts: Sequence[str], scope: TableName | None) -> TableName | None:
    """Give the table among `tables` that a reference of one or two parts means, seen from `scope`."""
    if len(parts) == 1:
        layers = ([scope.layer] if scope else []) + list(RESOLUTION_ORDER)
        candidates = [TableName(layer, parts[0]) for layer in layers if TableName(layer, parts[0]) != scope]
    elif len(parts) == 2:
        candidates = [TableName(parts[0], parts[1]), TableName(database_layer(parts[0]), parts[1])]
    else:
        candidates = []
    return next((name for name in candidates if name in tables), None)


@remembered
def build_catalog(tenant: Tenant) -> Catalog:
    """Give every table of a valid tenant; raises ConfigError for a reference to something absent."""
    declared = {table.name: table for table in declared_tables(tenant)}
    return Catalog(
        {
            name: table if table.sql is None else replace(table, inputs=_read_by(table, declared))
            for name, table in declared.items()
        }
    )


def scope_of(table: Table) -> TableName:
    """Give the place from which a table's SQL looks for one-part names."""
    if isinstance(table.definition, Query):
        return TableName(database_layer(table.definition.database), "")
    return table.name


def dialect_of(table: Table) -> str:
    """Give the dialect of a table's own SQL: Spark, or Presto for a query."""
    return "trino" if table.kind == "query" else "spark"


def _read_by(table: Table, declared: Mapping[TableName, object]) -> tuple[TableName, ...]:
    found = set()
    for parts in sql_facts(table.sql or "", dialect_of(table), str(table.name)).reads:
        target = resolve(declared, parts, scope_of(table))
        if target is None:
            raise ConfigError(str(table.name), f"reads {'.'.join(parts)}, which is absent", "a table of the tenant")
        found.add(target)
    return tuple(sorted(found))


def declared_tables(tenant: Tenant) -> Iterator[Table]:
    """Give every table with the inputs that do not come from its SQL."""
    for kind in (_domain, _custom, _stitch, _unified, _databases, _segments, _recipients, _queries):
        yield from kind(tenant)


def _domain(tenant: Tenant) -> Iterator[Table]:
    for feed in tenant.feeds.values():
        yield Table(feed.table, "domain", (), feed.description or f"Records of {feed.datasource}.", feed)


def _custom(tenant: Tenant) -> Iterator[Table]:
    for name, custom in tenant.custom_domain_tables.items():
        yield Table(TableName("custom", name), "custom", (), custom.description, custom, custom.sql)


def stitched_feeds(tenant: Tenant) -> list[Feed]:
    """Give the feeds that Stitch reads: selected in its settings and made available by the feed."""
    return [
        tenant.feeds[key]
        for key in sorted(tenant.stitch.stitched_tables)
        if key in tenant.feeds and tenant.feeds[key].available_to_stitch
    ]


def feeds_of_family(tenant: Tenant, wanted: str) -> list[Feed]:
    """Give the feeds with a tag of a family such as `txn-item`, by key."""
    return [
        feed
        for _, feed in sorted(tenant.feeds.items())
        if any(family(tag) == wanted for field in feed.fields for tag in field.tags)
    ]


def product_feeds(tenant: Tenant) -> list[Feed]:
    """Give the feeds of products: those tagged as such, but order lines that say what was bought."""
    lines = {feed.key for feed in feeds_of_family(tenant, "txn-item")}
    return [feed for feed in feeds_of_family(tenant, "pc") if feed.key not in lines]


def has_fiscal_calendar(tenant: Tenant) -> bool:
    """Say whether a tenant has a fiscal calendar, made by its settings or loaded by a feed."""
    return tenant.transactions.fiscal_calendar is not None or bool(feeds_of_family(tenant, "fiscal"))


def stitch_tables(settings: Stitch) -> Mapping[TableName, str]:
    """Give the tables that Stitch writes with these settings, and what each is."""
    if settings.is_one_to_one:
        return {STITCH_IDS: STITCH_TABLES[STITCH_IDS]}
    left_out = {*SCORE_TABLES} if settings.skip_unified_scores else set()
    if settings.skip_unified_changes:
        left_out |= {CHANGED_PEOPLE, CHANGED_RECORDS}
    return {name: text for name, text in STITCH_TABLES.items() if name not in left_out}


def _stitch(tenant: Tenant) -> Iterator[Table]:
    people = tuple(feed.table for feed in stitched_feeds(tenant))
    if people:
        inputs = (*people, *steering_inputs(tenant))
        for name, text in stitch_tables(tenant.stitch).items():
            yield Table(name, "stitch", inputs, text, tenant.stitch)


def _unified(tenant: Tenant) -> Iterator[Table]:
    people = tuple(feed.table for feed in stitched_feeds(tenant))
    orders = _tables_of(tenant, "txn-item")
    products = tuple(feed.table for feed in product_feeds(tenant))
    calendar = (FISCAL_CALENDAR,) if has_fiscal_calendar(tenant) else ()
    if people:
        told = () if tenant.stitch.is_one_to_one else (TableName("stitch", "stitch_records"),)
        found = (*people, STITCH_IDS, *told)
        yield Table(COALESCED, "unified", found, "Every record of every person, with its original values.")
    about = email_tables(tenant, has_people=bool(people), has_orders=bool(people and orders))
    for one in (*(people_tables(tenant) if people else ()), *about):
        yield Table(one.name, "unified", one.inputs, one.description, one.definition)
    if people and orders:
        yield Table(ITEMIZED, "unified", (*orders, COALESCED), "One row per order and product, with the buyer's id.")
        yield Table(
            TRANSACTIONS,
            "unified",
            (ITEMIZED, COALESCED, *calendar),
            "One row per order; returns and cancellations apart.",
        )
        yield Table(ATTRIBUTES, "unified", (TRANSACTIONS,), "One row per buyer: first, latest and lifetime orders.")
    if products:
        yield Table(CATALOG, "unified", products, "Every product of every catalog feed.")
    if calendar:
        days = () if tenant.transactions.fiscal_calendar else _tables_of(tenant, "fiscal")
        yield Table(FISCAL_CALENDAR, "unified", days, "One row per day: its week, month, quarter and year in 4-5-4.")


def _tables_of(tenant: Tenant, wanted: str) -> tuple[TableName, ...]:
    return tuple(feed.table for feed in feeds_of_family(tenant, wanted))


def _databases(tenant: Tenant) -> Iterator[Table]:
    for database in tenant.databases.values():
        for table in database.tables.values():
            name = TableName(database_layer(database.name), table.name)
            inputs = (TableName.parse(table.source),) if table.mode == "passthrough" and table.source else ()
            text = table.sql if table.mode == "sql" else None
            yield Table(name, "database", inputs, table.description, table, text)


def _segments(tenant: Tenant) -> Iterator[Table]:
    for segment in tenant.segments.values():
        inputs = tuple(sorted(TableName(database_layer(segment.database), table) for table in segment.tables))
        yield Table(TableName("segment", segment.name), "segment", inputs, segment.description, segment)


def _recipients(tenant: Tenant) -> Iterator[Table]:
    if tenant.campaigns:
        yield Table(RECIPIENTS, "campaign", (), "Who was sent what by which campaign, and who was kept in control.")


def _queries(tenant: Tenant) -> Iterator[Table]:
    for query in tenant.queries.values():
        yield Table(TableName("query", query.name), "query", (), query.description, query, query.sql)
