"""The benchmark's retailer is one that could be: orders of one customer, returns of what was bought."""

from __future__ import annotations

import datetime as dt

import polars as pl

from benchmarks.customer_360.__main__ import told
from benchmarks.customer_360.data import DAYS, TODAY, first_day, next_day, tenant
from cdp_assets.config.catalog import ATTRIBUTES, build_catalog
from cdp_assets.environments.sql_mistakes import sql_mistakes

TENANT = tenant()
FIRST, SECOND = first_day(TENANT, 2_000, 10_000), next_day(TENANT, 2_000, 10_000)


def test_the_tenant_has_every_table_about_orders_and_a_database() -> None:
    tables = build_catalog(TENANT).tables
    assert ATTRIBUTES in tables
    assert "database__customer_360" in {name.layer for name in tables}


def test_its_sql_reads_columns_that_are_there() -> None:
    """Spark would say so only after minutes."""
    made = {name for name in build_catalog(TENANT).tables if name.layer == "database__customer_360"}
    assert [mistakes for _, mistakes in sql_mistakes(None, TENANT, made)] == []


def test_an_order_has_one_customer_on_both_days() -> None:
    lines = pl.concat([pl.DataFrame(FIRST.lines), pl.DataFrame(SECOND.lines)])
    assert lines["line_id"].is_unique().all()
    assert lines.group_by("order_id").agg(pl.col("customer_id").n_unique())["customer_id"].max() == 1
    assert set(lines["customer_id"]) <= set(FIRST.customers.column("_pk").to_pylist())


def test_lines_are_of_three_years_and_then_of_one_day() -> None:
    days = [pl.DataFrame(day.lines)["order_datetime"].dt.date() for day in (FIRST, SECOND)]
    assert days[0].min() == TODAY - dt.timedelta(days=DAYS - 1)
    assert days[0].max() == TODAY
    assert set(days[1]) == {TODAY + dt.timedelta(days=1)}


def test_what_comes_back_is_negative_and_a_days_returns_are_of_known_orders() -> None:
    known, lines = set(FIRST.lines.column("order_id").to_pylist()), pl.DataFrame(SECOND.lines)
    back = lines.filter(pl.col("is_return") & pl.col("order_id").is_in(known))
    assert back.height > 0
    assert (back["item_revenue"] < 0).all()
    assert (lines.filter(~pl.col("is_return"), ~pl.col("is_cancellation"))["item_revenue"] > 0).all()


def test_somebody_turns_out_to_be_somebody_else() -> None:
    first, second = (pl.DataFrame(day.ids) for day in (FIRST, SECOND))
    both = first.join(second, on="pk", suffix="_after")
    assert both.height == 2_000 < second.height
    moved = both.filter(pl.col("amperity_id") != pl.col("amperity_id_after"))
    assert 0 < moved.height < 10
    assert set(moved["amperity_id_after"]) <= set(first["amperity_id"])


def test_the_report_names_each_table_and_those_that_differ() -> None:
    """Beside DuckDB and without it."""
    took = {"full": 9.0, "day": 3.0, "whole": 9.5}
    found = {
        "seconds": {"full": 90.0, "day": 30.0, "orders_full": 40.0, "orders_day": 5.0},
        "orders_times_faster": 8.0,
        "day_times_faster": 3.0,
        "peer_seconds": 2.0,
        "times_the_peer": 20.0,
        "peak_memory_mb": 3000,
        "rows": {"unified.a": 12345},
        "tables": {"unified.a": took},
        "different": ["unified.a"],
    }
    text = told(found)
    assert "12,345" in text
    assert text.endswith("tables that differ: unified.a")
    assert "DuckDB" in text
    assert "DuckDB" not in told(found | {"peer_seconds": None, "different": []})
