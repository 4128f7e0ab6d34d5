"""The unified tables of the three days, against polars over the same records: another engine, another way."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from cdp_assets.names import TableName
from tests.journey.conftest import ThreeDays

BUSINESS_DATE = dt.date(2026, 11, 22)
PURCHASED = ~pl.col("is_return").fill_null(False) & ~pl.col("is_cancellation").fill_null(False)


@pytest.fixture(scope="module")
def tables(one_by_one: ThreeDays) -> dict[str, pl.DataFrame]:
    """Every table of the last publication, by its last name; domain tables by both."""
    publication = one_by_one.publications[-1]
    return {
        (str(name) if name.layer == "domain" else name.name): one_by_one.installation.table(name, publication)
        for name in publication.entries
    }


@pytest.fixture(scope="module")
def owners(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Which one person each customer id belongs to, whatever its letter case."""
    found = (
        tables["unified_coalesced"]
        .drop_nulls("fk_customer_id")
        .with_columns(pl.col("fk_customer_id").str.to_uppercase())
    )
    return (
        found.group_by("fk_customer_id")
        .agg(pl.col("amperity_id").unique())
        .filter(pl.col("amperity_id").list.len() == 1)
        .explode("amperity_id")
    )


def test_every_record_is_in_unified_coalesced_with_its_original_values(tables: dict[str, pl.DataFrame]) -> None:
    """As many rows as the six feeds hold, and the web shop's own spelling of every e-mail."""
    people = [name for name in tables if name.startswith("domain.") and "orders" not in name and "products" not in name]
    assert len(people) == 6
    coalesced = tables["unified_coalesced"]
    assert coalesced.height == sum(tables[name].height for name in people)
    shop = coalesced.filter(datasource="ecom:customers").select("pk", "email").sort("pk")
    assert shop.equals(tables["domain.ecom_customers"].select(pl.col("_pk").alias("pk"), "email").sort("pk"))


def test_order_lines_get_the_one_person_of_their_key(tables: dict[str, pl.DataFrame], owners: pl.DataFrame) -> None:
    """Line by line, the id that the customer id belongs to, or none."""
    lines = tables["domain.orders_order_items"].with_columns(pl.col("customer_id").str.to_uppercase().alias("key"))
    expected = lines.join(owners, left_on="key", right_on="fk_customer_id", how="left")
    columns = ["order_id", "product_id", "item_quantity", "item_revenue", "amperity_id"]
    found = tables["unified_itemized_transactions"]
    assert (
        found.select(columns)
        .sort(columns, nulls_last=True)
        .equals(expected.select(columns).sort(columns, nulls_last=True))
    )


def test_orders_sum_purchases_returns_and_cancellations_apart(tables: dict[str, pl.DataFrame]) -> None:
    """One row per order, to the cent."""
    lines = tables["domain.orders_order_items"]
    expected = (
        lines.group_by("order_id")
        .agg(
            order_quantity=pl.col("item_quantity").filter(PURCHASED).sum(),
            order_revenue=pl.col("item_revenue").filter(PURCHASED).sum(),
            order_returned_quantity=pl.col("item_quantity").filter(pl.col("is_return")).sum(),
            order_returned_revenue=pl.col("item_revenue").filter(pl.col("is_return")).sum(),
            order_canceled_quantity=pl.col("item_quantity").filter(pl.col("is_cancellation")).sum(),
            order_canceled_revenue=pl.col("item_revenue").filter(pl.col("is_cancellation")).sum(),
            order_datetime=pl.col("order_datetime").min(),
        )
        .sort("order_id")
    )
    found = tables["unified_transactions"].select(expected.columns).sort("order_id")
    assert found.height == lines["order_id"].n_unique()
    for column in expected.columns:
        assert (found[column].cast(expected[column].dtype) == expected[column]).all(), column
    net = (
        tables["unified_transactions"]
        .select((pl.col("order_revenue") + pl.col("order_returned_revenue") + pl.col("order_canceled_revenue")).sum())
        .item()
    )
    assert net == tables["unified_transactions"]["net_order_revenue"].sum() == lines["item_revenue"].sum()


def test_buyers_first_latest_and_lifetime_orders(tables: dict[str, pl.DataFrame]) -> None:
    """Each buyer's attributes, computed from the orders by polars."""
    end = pl.lit(BUSINESS_DATE + dt.timedelta(days=1)).cast(pl.Datetime("us", "UTC"))
    orders = tables["unified_transactions"].filter(
        pl.col("amperity_id").is_not_null(), pl.col("order_quantity") > 0, pl.col("order_datetime") < end
    )
    ordered = orders.sort("order_datetime", "order_id")
    year = pl.col("order_datetime") >= pl.lit(dt.date(2025, 11, 22)).cast(pl.Datetime("us", "UTC"))
    expected = (
        ordered.group_by("amperity_id")
        .agg(
            first_order_id=pl.col("order_id").first(),
            first_order_datetime=pl.col("order_datetime").first(),
            second_order_id=pl.col("order_id").get(1, null_on_oob=True),
            latest_order_id=pl.col("order_id").last(),
            latest_order_revenue=pl.col("order_revenue").last(),
            lifetime_order_frequency=pl.len(),
            lifetime_order_revenue=pl.col("order_revenue").sum(),
            lifetime_total_items=pl.col("order_quantity").sum(),
            lifetime_largest_order_value=pl.col("order_revenue").max(),
            lifetime_purchase_channels=pl.col("purchase_channel").n_unique(),
            l12m_order_frequency=year.sum(),
            l12m_order_revenue=pl.col("order_revenue").filter(year).sum(),
            one_and_done=pl.len() == 1,
        )
        .sort("amperity_id")
    )
    found = tables["transaction_attributes_extended"].sort("amperity_id").select(expected.columns)
    assert found.height == expected.height
    for column in expected.columns:
        assert found[column].cast(expected[column].dtype).equals(expected[column]), column


def test_preferred_values_are_the_most_frequent(tables: dict[str, pl.DataFrame]) -> None:
    """Of equally frequent ones the smallest, so that a run repeats."""
    orders = tables["unified_transactions"].filter(pl.col("amperity_id").is_not_null(), pl.col("order_quantity") > 0)
    expected = (
        orders.drop_nulls("purchase_channel")
        .group_by("amperity_id", "purchase_channel")
        .len()
        .sort("len", "purchase_channel", descending=[True, False])
        .group_by("amperity_id", maintain_order=True)
        .first()
    )
    found = tables["transaction_attributes_extended"].select("amperity_id", "lifetime_preferred_purchase_channel")
    joined = expected.join(found, on="amperity_id")
    assert (joined["purchase_channel"] == joined["lifetime_preferred_purchase_channel"]).all()


def test_merged_customers_take_each_group_from_one_record(tables: dict[str, pl.DataFrame]) -> None:
    """One row per person; the address is that of the most complete, then newest record, the e-mail as assigned."""
    coalesced, merged = tables["unified_coalesced"], tables["merged_customers"]
    assert merged.height == coalesced["amperity_id"].n_unique()
    parts = ["address", "city", "state", "postal"]
    best = (
        coalesced.with_columns(
            completion=pl.sum_horizontal(pl.col(part).is_not_null().cast(pl.Int32) for part in parts)
        )
        .sort("completion", "update_dt", "pk", "datasource", descending=[True, True, False, False], nulls_last=True)
        .group_by("amperity_id", maintain_order=True)
        .first()
        .sort("amperity_id")
    )
    found = merged.sort("amperity_id")
    for part in parts:
        assert found[part].equals(best[part]), part
    assigned = tables["email_ampid_assignment"].select("amperity_id", "email").sort("amperity_id")
    assert merged.drop_nulls("email").select(assigned.columns).sort("amperity_id").equals(assigned)
    assert assigned["email"].str.to_lowercase().is_unique().all()
    assert assigned.join(coalesced, on=["amperity_id", "email"], how="semi").height == assigned.height
    nobody = coalesced.filter(~pl.col("blv_email")).drop_nulls("email").join(assigned, on="amperity_id", how="anti")
    taken = nobody.with_columns(pl.col("email").str.to_lowercase()).join(
        assigned.with_columns(pl.col("email").str.to_lowercase()), on="email", how="anti"
    )
    assert taken.is_empty()


def test_the_database_passes_merged_customers_through(one_by_one: ThreeDays) -> None:
    """The same rows under the database's name."""
    installation, publication = one_by_one.installation, one_by_one.publications[-1]
    one = installation.table(TableName("unified", "merged_customers"), publication)
    other = installation.table(TableName("database__customer_360", "merged_customers"), publication)
    assert one.sort("amperity_id").equals(other.sort("amperity_id"))


def test_products_come_through_the_catalog(tables: dict[str, pl.DataFrame]) -> None:
    """Every product with the documented columns."""
    products, catalog = tables["domain.products_products"], tables["unified_product_catalog"]
    assert (
        catalog.select("product_id", "product_name")
        .sort("product_id")
        .equals(products.select("product_id", "product_name").sort("product_id"))
    )
