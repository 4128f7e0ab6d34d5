"""The columns that plans reckon with are those that the tables have."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.stitch import Stitch
from cdp_assets.environments.column_types import SPARK_TYPES, Types
from cdp_assets.environments.columns import GENERATED, PREPROCESSED, STITCH_COLUMNS, Columns
from cdp_assets.environments.lineage import UnclearError
from cdp_assets.home import REPOSITORY
from cdp_assets.names import TableName
from cdp_assets.sources.parse import table_schema
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import stitch
from cdp_assets.unified.columns import profile_columns
from tests.unit.stitch.people import people

TENANT = load_tenant(REPOSITORY / "tenant_config")
COLUMNS = Columns(TENANT)


def test_stitchs_tables_have_the_columns_that_are_reckoned_with() -> None:
    records = people(20).drop("person")
    made = stitch(records, Stitch(), Given(key=b"k" * 32)).tables()
    for name, columns in STITCH_COLUMNS.items():
        assert set(made[name.partition(".")[2]].column_names) == set(columns), name


def test_a_domain_table_has_its_feeds_fields_and_what_is_generated() -> None:
    for feed in TENANT.feeds.values():
        schema = table_schema(feed)
        assert set(COLUMNS.of(feed.table)) == {field.name for field in schema}
        assert set(GENERATED) < set(COLUMNS.of(feed.table))
        assert Types(COLUMNS).of(feed.table).keys() == set(COLUMNS.of(feed.table))
        assert {one.type for one in feed.fields} <= SPARK_TYPES.keys()


def test_the_compared_values_have_the_tenants_foreign_keys() -> None:
    records = people(20).drop("person").with_columns(fk_customer_id=pl.lit(None, pl.String))
    made = stitch(records, Stitch(), Given(key=b"k" * 32)).tables()[PREPROCESSED.name]
    assert set(made.column_names) == set(COLUMNS.of(PREPROCESSED))


def test_every_table_of_the_demo_tenant_is_understood_but_one() -> None:
    """Whoever reads the normalised values that a run keeps for the next is judged to break."""
    unclear = set()
    for name in COLUMNS.catalog.tables:
        try:
            assert COLUMNS.of(name), name
        except UnclearError:
            unclear.add(str(name))
    assert unclear == {"stitch.stitch_spelled"}


def test_columns_follow_sql_pass_throughs_and_stars() -> None:
    merged = TableName("unified", "merged_customers")
    assert COLUMNS.of(TableName("database__customer_360", "merged_customers")) == COLUMNS.of(merged)
    coalesced = COLUMNS.of(TableName("unified", "unified_coalesced"))
    assert set(profile_columns(TENANT.feeds.values())) < set(coalesced)
    orders = COLUMNS.of(TableName("unified", "unified_transactions"))
    assert {"order_id", "net_order_revenue", "amperity_id"} < set(orders)


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("domain.orders_order_items", "item_quantity", "BIGINT"),
        ("domain.orders_order_items", "order_datetime", "TIMESTAMP"),
        ("custom.email_opt_ins", "email", "STRING"),
        ("unified.unified_transactions", "order_id", "STRING"),
        ("stitch.stitch_ids", "amperity_id", "UNKNOWN"),
    ],
)
def test_types_are_told_as_far_as_they_are_known(table: str, column: str, kind: str) -> None:
    assert Types(COLUMNS).of(TableName.parse(table))[column] == kind
