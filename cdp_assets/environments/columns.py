"""The columns of a tenant's tables and the lineage of its SQL, worked out for the tables that somebody asks about."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from cdp_assets.audiences.campaigns.recipients import SCHEMA
from cdp_assets.audiences.segments.membership import segment_sql
from cdp_assets.cache import remembered
from cdp_assets.config import sql
from cdp_assets.config.catalog import RECIPIENTS, Table, build_catalog, dialect_of, scope_of, stitched_feeds
from cdp_assets.config.feed import Feed
from cdp_assets.config.segment import Segment
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.lineage import Shape, UnclearError, shape_of
from cdp_assets.errors import ConfigError
from cdp_assets.names import TableName
from cdp_assets.unified.columns import profile_columns
from cdp_assets.unified.tables import unified_sql

GENERATED = ("_pk", "_uuid_pk", "_updated")
"""What every domain table has beside its feed's fields."""
STITCH_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "stitch.stitch_ids": ("amperity_id", "datasource", "pk"),
    "stitch.stitch_retired_ids": ("amperity_id", "datasource", "pk"),
    "stitch.stitch_records": (
        "datasource", "pk", "component_id", "rep_ds", "rep_pk", "is_supersized", "supersized_id", "_cdp_cut",
        "blv_address", "blv_email", "blv_given_name", "blv_phone", "blv_surname", "has_blv",
    ),
    "stitch.stitch_shares": ("field", "hash", "steps"),
    "stitch.stitch_runs": ("job_id", "timestamp", "pace", "why", "records", "news", "_cdp_lists"),
    "unified.unified_changes_clusters": ("amperity_id", "change_type", "job_id", "timestamp", "_cdp_cause"),
    "unified.unified_changes_pks": (
        "amperity_id", "amperity_id_prev", "change_type", "datasource", "pk", "job_id", "timestamp", "_cdp_cause",
    ),
    "unified.unified_scores": (
        "amperity_id", "source1", "source2", "pk1", "pk2", "score", "match_category", "match_type",
    ),
    "stitch.stitch_explanations": (
        "amperity_id", "source1", "pk1", "source2", "pk2", "levels", "rarity", "bits", "decided_by", "score",
    ),
    "stitch.stitch_model": (
        "field", "place", "level", "label", "person", "household", "strangers", "sample_share", "sample_bits",
    ),
    "stitch.stitch_blocks": ("strategy", "part", "block", "bk", "size", "compared"),
    "stitch.stitch_labelled": ("datasource", "pk", "labels"),
    "stitch.stitch_benchmarks": ("run_id", "timestamp", "benchmark", "part", "whole", "percent", "result"),
    "stitch.stitch_blocking_keys": ("bk", "datasource", "pk", "strategy"),
    "stitch.stitch_badvalues": (
        "datasource", "semantic", "value", "num_values", "num_proxy", "domain_table", "is_preprocessed",
    ),
    "stitch.stitch_scores": (
        "amperity_id1", "amperity_id2", "source1", "source2", "pk1", "pk2", "score", "match_category", "match_type",
    ),
    "stitch.detailed_examples": (
        "amperity_id", "match_category", "score", "score_count", "case_count", "address_a", "address_b", "birthdate_a",
        "birthdate_b", "city_a", "city_b", "country_a", "country_b", "datasource_a", "datasource_b", "email_a",
        "email_b", "given_name_a", "given_name_b", "phone_a", "phone_b", "pk_a", "pk_b", "postal_a", "postal_b",
        "state_a", "state_b", "surname_a", "surname_b",
    ),
}  # fmt: skip
"""Those of Stitch's tables whose columns are the same for every tenant."""


PREPROCESSED = TableName("stitch", "unified_preprocessed_raw")
PREPROCESSED_COLUMNS = (
    "amperity_id", "datasource", "pk", "int_id", "component_id", "supersized_id", "given_name", "surname", "address",
    "po_box", "city", "state", "postal", "email", "phone", "gender", "birthdate", "login_trimmed", "sk_given_name",
    "sk_generational_suffix",
)  # fmt: skip
"""What a tenant's foreign keys are added to."""


class Columns:
    """One tenant's tables; each is looked at once."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant, self.catalog = tenant, build_catalog(tenant)
        self._columns: dict[TableName, tuple[str, ...]] = {}
        self._trees: dict[TableName, exp.Query] = {}
        self._shapes: dict[TableName, Shape | UnclearError] = {}

    def of(self, name: TableName) -> tuple[str, ...]:
        """Give a table's columns; raises UnclearError where they cannot be told."""
        if name not in self._columns:
            self._columns[name] = self._found(self.catalog.tables[name])
        return self._columns[name]

    def text(self, table: Table) -> str | None:
        """Give the SQL that makes a table, ours or the tenant's; a domain table and Stitch's have none."""
        if table.kind == "unified":
            return unified_sql(self.tenant, table.name)
        if isinstance(table.definition, Segment):
            return segment_sql(table.definition)
        if table.sql is None and table.kind == "database":
            return f"SELECT * FROM {table.inputs[0]}"  # a pass-through
        return table.sql

    def shape(self, name: TableName) -> Shape:
        """Give the lineage of a table that SQL makes; raises UnclearError where it cannot be told."""
        if name not in self._shapes:
            try:
                tree, inputs = self.resolved(name)
                columns = {table: self.of(table) for table in inputs}
                self._shapes[name] = shape_of(tree, columns, dialect_of(self.catalog.tables[name]))
            except UnclearError as error:
                self._shapes[name] = error
        found = self._shapes[name]
        if isinstance(found, UnclearError):
            raise found
        return found

    def _found(self, table: Table) -> tuple[str, ...]:
        if isinstance(table.definition, Feed):
            return (*(one.name for one in table.definition.fields), *GENERATED)
        if str(table.name) in STITCH_COLUMNS:
            return STITCH_COLUMNS[str(table.name)]
        if table.name == RECIPIENTS:
            return tuple(SCHEMA.names)
        if table.name == PREPROCESSED:
            own = profile_columns(stitched_feeds(self.tenant))
            return (*PREPROCESSED_COLUMNS, *(column for column in own if column.startswith("fk_")))
        tree = self._tree(table)
        plain = isinstance(tree, exp.Select) and all(isinstance(one, exp.Alias | exp.Column) for one in tree.selects)
        if plain and not tree.is_star:
            return tuple(one.alias_or_name.lower() for one in tree.selects)
        return tuple(self.shape(table.name).outputs)

    def _tree(self, table: Table) -> exp.Query:
        """Give a table's SQL as its author wrote it; not to be changed."""
        if table.name not in self._trees:
            text = self.text(table)
            if text is None:
                raise UnclearError(f"{table.name} is not made by SQL")
            try:
                self._trees[table.name] = sql.parse(text, dialect_of(table), str(table.name))
            except ConfigError:
                raise UnclearError(f"{table.name} cannot be read") from None
        return self._trees[table.name]

    def resolved(self, name: TableName) -> tuple[exp.Query, list[TableName]]:
        """Give a table's SQL with every reference as `layer.name`, and what it reads; raises UnclearError."""
        table = self.catalog.tables[name]
        tree, found = self._tree(table).copy(), []
        for reference in sql.references(tree):
            target = self.catalog.resolve(sql.parts(reference), scope_of(table))
            if target is None:
                raise UnclearError(f"reads {'.'.join(sql.parts(reference))}, which is absent")
            sql.rename(tree, reference, (target.layer, target.name))
            found.append(target)
        return tree, found


@remembered
def columns_of(tenant: Tenant) -> Columns:
    """Give what is known of a tenant's columns; whoever asks next finds what others have worked out."""
    return Columns(tenant)
