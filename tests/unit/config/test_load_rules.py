"""Load operations that name what exists and say what their type is about."""

from __future__ import annotations

from typing import Any

import pytest

from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed
from cdp_assets.config.load_rules import load_mistakes
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.transforms import IngestQuery

FEED = Feed.model_validate({"source": "shop", "name": "orders", "fields": [{"name": "id"}], "primary_key": ["id"]})
LOAD = {"feed": "shop_orders", "file": "orders"}
TRUNCATE = {"feed": "shop_orders", "type": "truncate"}
QUERY = {"feed": "shop_orders", "type": "spark-sql", "query": "made", "files": [{"file": "orders"}]}


def mistakes(*load: dict[str, Any], sql: str = "SELECT id FROM Orders", **file_format: Any) -> list[str]:
    """Give the mistakes of a courier with one file and these operations, without their place."""
    courier = Courier.model_validate(
        {
            "name": "orders",
            "location": {"kind": "local", "path": "orders"},
            "files": [{"tag": "orders", "pattern": "'o'", "format": {"kind": "csv"} | file_format}],
            "load": list(load),
        }
    )
    queries = {"made": IngestQuery(name="made", sql=sql)}
    tenant = Tenant(id="t", name="t", feeds={"shop_orders": FEED}, ingest_queries=queries)
    return [str(one) for one in load_mistakes(courier, tenant, lambda *path: "/".join(map(str, path[2:])))]


@pytest.mark.parametrize(
    "load",
    [[LOAD], [LOAD, TRUNCATE], [QUERY], [TRUNCATE, QUERY], []],
    ids=["load", "truncate", "query", "both", "land"],
)
def test_what_is_documented_is_right(load: list[dict[str, Any]]) -> None:
    """Without operations the files land, for samples."""
    assert mistakes(*load) == []


@pytest.mark.parametrize(
    ("load", "problem"),
    [
        (LOAD | {"feed": "shop_order"}, "load/0.feed: Cannot find required feeds: shop_order. Expected shop_orders."),
        (LOAD | {"file": "order"}, "load/0.file: order: no such file tag. Expected orders."),
        ({"feed": "shop_orders"}, "load/0: no file to load. Expected `file:` with one of orders."),
        (LOAD | {"query": "made"}, "load/0.query: stands beside `type: load`. Expected file."),
        (TRUNCATE, "load/0: truncates what nothing fills. Expected a `load` of shop_orders beside it."),
        (QUERY | {"files": []}, "load/0: no ingest query, or no files for it. Expected `query:` and `files:`."),
        (QUERY | {"query": "mad"}, "load/0.query: mad: no such ingest query. Expected made."),
        (QUERY | {"files": [{"file": "orders"}] * 2}, "ingest_queries/made.sql: a file tag is given twice in `files`"),
    ],
)
def test_a_mistake_is_told_with_what_is_right(load: dict[str, Any], problem: str) -> None:
    """At its operation."""
    (found,) = mistakes(load)
    assert found.startswith(problem)


def test_a_feed_is_filled_one_way() -> None:
    """By a file or by a query: which of the two came later could not be told."""
    assert mistakes(LOAD, QUERY) == [
        "load/1: shop_orders is filled by `load` as well. Expected one of the two in a courier."
    ]


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT 1 FROM stores", "ingest_queries/made.sql: stores: not among the operation's files. Expected orders."),
        ("SELECT 1 FROM a.orders", "ingest_queries/made.sql: a.orders: not among the operation's files"),
        ("DROP TABLE orders", "ingest_queries/made.sql: a statement of kind DROP. Expected a SELECT."),
    ],
)
def test_a_query_reads_the_files_of_its_operation_and_nothing_else(sql: str, problem: str) -> None:
    """Least of all another table of the tenant."""
    (found,) = mistakes(QUERY, sql=sql)
    assert found.startswith(problem)


@pytest.mark.parametrize("format", [{"skip_lines": 1}, {"null_values": ["NULL", "-"]}])
def test_what_spark_cannot_read_as_we_do_is_refused(format: dict[str, Any]) -> None:
    """Rather than read otherwise."""
    (found,) = mistakes(QUERY, **format)
    assert found.startswith("load/0.files: orders: ")


@pytest.mark.parametrize(
    ("location", "file", "why"),
    [
        ("s3", {}, None),
        ("s3", {"format": {"kind": "cbor"}}, "is cbor, which cannot be split"),
        ("s3", {"archive": {"contents": "*"}}, "is an archive, which cannot be split"),
        ("local", {}, "lies at a location of kind local, not in a store of the cloud"),
    ],
)
def test_what_is_to_be_read_in_place_can_be(location: str, file: dict[str, Any], why: str | None) -> None:
    """Nothing is said of files for which nothing is asked."""
    place = {"kind": "s3", "bucket": "acme"} if location == "s3" else {"kind": "local", "path": "in"}
    for asked in ({"in_place_above_gb": 0}, {}):
        values = {"tag": "orders", "pattern": "'o'", "format": {"kind": "csv"}} | file | asked
        courier = Courier.model_validate({"name": "orders", "location": place, "files": [values]})
        found = [
            str(one) for one in load_mistakes(courier, Tenant(id="t", name="t"), lambda *path: "/".join(map(str, path)))
        ]
        expected = [f"couriers/orders/files/0/in_place_above_gb: orders {why}. "] if asked and why else []
        assert [one.partition("Expected")[0] for one in found] == expected
