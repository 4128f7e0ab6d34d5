"""Which columns are about a person, by where their values come from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.catalog import Catalog, build_catalog
from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.answers import AD_HOC, with_ad_hoc
from cdp_assets.home import REPOSITORY
from cdp_assets.names import TableName
from cdp_assets.security.obfuscation import mask
from cdp_assets.security.personal import personal_columns
from cdp_assets.unified.columns import PROFILE

TENANT = load_tenant(REPOSITORY / "tenant_config")
DATABASE = TableName("database__customer_360", "")
ORDERS = (
    "amperity_id",
    "first_order_datetime",
    "latest_order_datetime",
    "lifetime_order_frequency",
    "lifetime_order_revenue",
    "lifetime_preferred_purchase_channel",
)
MERGED = ("amperity_id", *PROFILE, "email_blv", "phone_blv")
COLUMNS = {
    TableName("unified", "merged_customers"): MERGED,
    TableName("database__customer_360", "merged_customers"): MERGED,
    TableName("unified", "transaction_attributes_extended"): ORDERS,
    TableName("database__customer_360", "customer_360"): ("amperity_id", "email", "lifetime_order_revenue"),
    TableName("database__customer_360", "customer_attributes"): ("amperity_id", "is_prospect"),
    TableName("custom", "email_opt_ins"): ("email", "is_email_opted_in"),
    TableName("domain", "ecom_customers"): ("customer_id", "first_name", "email", "updated_at"),
    TableName("domain", "orders_order_items"): ("line_id", "order_id", "item_revenue"),
}


def personal(sql: str, *columns: str) -> frozenset[str]:
    """Give the personal columns of an ad-hoc query."""
    catalog: Catalog = with_ad_hoc(build_catalog(TENANT), sql, "customer_360", DATABASE)
    return personal_columns(catalog, AD_HOC, {**COLUMNS, AD_HOC: columns})


@pytest.mark.parametrize(
    ("sql", "columns", "wanted"),
    [
        ("SELECT email FROM customer_360", ["email"], {"email"}),
        ("SELECT LOWER(email) AS e FROM customer_360", ["e"], {"e"}),
        ("SELECT COUNT(*) AS n FROM customer_360", ["n"], set()),
        ("SELECT MAX(email) AS e FROM customer_360", ["e"], {"e"}),
        ("WITH p AS (SELECT email AS x FROM customer_360) SELECT x AS y FROM p", ["y"], {"y"}),
        ("SELECT email AS a FROM customer_360 UNION SELECT 'x'", ["a"], {"a"}),
        ("SELECT lifetime_order_revenue AS r FROM customer_360", ["r"], set()),
        ("SELECT first_name AS f FROM domain.ecom_customers", ["f"], {"f"}),
    ],
)
def test_a_value_stays_personal_through_sql(sql: str, columns: list[str], wanted: set[str]) -> None:
    """Renaming, functions, subqueries and unions change nothing; counting does."""
    assert personal(sql, *columns) == wanted


def test_queries_in_a_query_that_read_each_other_twice_are_followed_once() -> None:
    """Followed anew at each reading, forty of them would take a million years."""
    steps = ["a0 AS (SELECT lifetime_order_revenue AS x FROM customer_360)"]
    steps += [f"a{n} AS (SELECT l.x + r.x AS x FROM a{n - 1} AS l CROSS JOIN a{n - 1} AS r)" for n in range(1, 41)]
    assert personal(f"WITH {', '.join(steps)} SELECT x FROM a40", "x") == set()


def test_an_untagged_text_column_is_personal() -> None:
    """What nobody has said anything about is hidden."""
    catalog = build_catalog(TENANT)
    table = TableName("domain", "orders_order_items")
    assert "line_id" in personal_columns(catalog, table, COLUMNS)
    assert "item_revenue" not in personal_columns(catalog, table, COLUMNS)


@given(st.text(min_size=1, max_size=60))
def test_a_mask_keeps_no_letter_and_no_digit(text: str) -> None:
    """Length and punctuation stay; letters become x or X, digits 9."""
    shown = mask(text)
    assert shown is not None
    assert len(shown) == len(text)
    assert all(one in "xX9" or one == other for one, other in zip(shown, text, strict=True))
    assert not any(letter.isalpha() and letter not in "xX" for letter in shown)


@pytest.mark.parametrize(
    ("table", "columns", "wanted"),
    [
        (
            "stitch_explanations",
            ["amperity_id", "pk1", "levels", "rarity", "bits", "decided_by", "score"],
            {"amperity_id", "pk1"},
        ),
        ("stitch_model", ["field", "label", "person", "strangers"], set()),
        ("stitch_benchmarks", ["benchmark", "part", "whole", "result"], set()),
        ("stitch_blocks", ["strategy", "bk"], {"bk"}),
    ],
)
def test_what_explanations_are_made_of_says_nothing_about_anybody(
    table: str, columns: list[str], wanted: set[str]
) -> None:
    """How well records agree does not say on what; the keys of blocks do."""
    name = TableName("stitch", table)
    assert personal_columns(build_catalog(TENANT), name, {name: columns}) == wanted
