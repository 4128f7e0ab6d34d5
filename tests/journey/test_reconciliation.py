"""Revenue, orders and items of each month in the unified tables are those of the files that were dropped."""

from __future__ import annotations

import csv
from collections import defaultdict
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from cdp_assets.config.catalog import ITEMIZED, TRANSACTIONS
from cdp_assets.home import REPOSITORY
from tests.journey.conftest import ThreeDays

FILES = REPOSITORY / "sample_data" / "acme" / "orders"
KINDS, SUMMED = ("bought", "returned", "canceled"), ("quantity", "revenue")
Sums = dict[tuple[str, str], tuple[int, Decimal]]
"""Month and kind -> items and revenue."""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, str]]:
    """Every line as the last file that tells of it says; its month is that of its order's first line."""
    last: dict[str, dict[str, str]] = {}
    for path in sorted(FILES.glob("*.csv")):
        with path.open(newline="") as file:
            last |= {row["line_id"]: row for row in csv.DictReader(file)}
    first: dict[str, str] = {}
    for row in last.values():
        first[row["order_id"]] = min(row["order_datetime"], first.get(row["order_id"], row["order_datetime"]))
    return [{**row, "month": first[row["order_id"]][:7]} for row in last.values()]


def kind_of(line: dict[str, str]) -> str:
    """Say what became of a line."""
    if line["is_cancellation"] == "True":
        return "canceled"
    return "returned" if line["is_return"] == "True" else "bought"


def summed(lines: list[dict[str, str]]) -> Sums:
    """Add up the files' lines."""
    found: dict[tuple[str, str], tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for line in lines:
        items, revenue = found[line["month"], kind_of(line)]
        found[line["month"], kind_of(line)] = (
            items + int(line["item_quantity"]),
            revenue + Decimal(line["item_revenue"]),
        )
    return dict(found)


def by_month(frame: pl.DataFrame, **sums: pl.Expr) -> list[dict[str, Any]]:
    """Add up a unified table by the month of `order_datetime`."""
    month = pl.col("order_datetime").dt.strftime("%Y-%m").alias("month")
    return frame.group_by(month).agg(**sums).to_dicts()


def test_orders_items_and_revenue_of_each_month(one_by_one: ThreeDays, lines: list[dict[str, str]]) -> None:
    """What was bought, returned and canceled apart, to the item and the cent."""
    orders = one_by_one.installation.table(TRANSACTIONS, one_by_one.publications[-1])
    places = {"bought": "order", "returned": "order_returned", "canceled": "order_canceled"}
    columns = {f"{kind}_{what}": pl.col(f"{place}_{what}").sum() for kind, place in places.items() for what in SUMMED}
    rows = by_month(orders, orders=pl.len(), **columns)
    months: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        months[line["month"]].add(line["order_id"])
    assert {row["month"]: row["orders"] for row in rows} == {month: len(found) for month, found in months.items()}
    wanted = summed(lines)
    assert len(months) > 24
    assert {kind for _, kind in wanted} == set(KINDS)
    for row in rows:
        for kind in KINDS:
            found = (row[f"{kind}_quantity"], row[f"{kind}_revenue"])
            assert found == wanted.get((row["month"], kind), (0, Decimal(0))), (row["month"], kind)


def test_items_of_each_month(one_by_one: ThreeDays, lines: list[dict[str, str]]) -> None:
    """The rows per order and product say the same, by each line's own month."""
    items = one_by_one.installation.table(ITEMIZED, one_by_one.publications[-1])
    rows = by_month(items, quantity=pl.col("item_quantity").sum(), revenue=pl.col("item_revenue").sum())
    wanted: dict[str, tuple[int, Decimal]] = defaultdict(lambda: (0, Decimal(0)))
    for line in lines:
        quantity, revenue = wanted[line["order_datetime"][:7]]
        added = quantity + int(line["item_quantity"]), revenue + Decimal(line["item_revenue"])
        wanted[line["order_datetime"][:7]] = added
    assert {row["month"]: (row["quantity"], row["revenue"]) for row in rows} == dict(wanted)
