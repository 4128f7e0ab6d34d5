"""How a file's format is said to Spark's reader, and a query's text to Spark."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from cdp_assets.config.file_format import FileFormat
from cdp_assets.sources.ingest_sql import over
from cdp_assets.sources.spark import NONE, options_of

CSV = {
    "sep": ",",
    "quote": '"',
    "escape": '"',
    "header": True,
    "multiLine": True,
    "encoding": "UTF-8",
    "nullValue": "",
}


@pytest.mark.parametrize(
    ("format", "options"),
    [
        ({"kind": "csv"}, CSV),
        ({"kind": "tsv", "header": False}, CSV | {"sep": "\t", "header": False}),
        ({"kind": "csv", "quote": "", "escape": ""}, CSV | {"quote": NONE, "escape": NONE}),
        ({"kind": "csv", "encoding": "cp037", "multi_line": False}, CSV | {"multiLine": False}),
        ({"kind": "dsv", "delimiter": "^", "null_values": ["NULL"]}, CSV | {"sep": "^", "nullValue": "NULL"}),
        ({"kind": "xml", "row_tag": "order"}, {"rowTag": "order"}),
        ({"kind": "json"}, {"multiLine": True}),
        ({"kind": "ndjson"}, {"multiLine": False}),
    ],
)
def test_a_format_means_the_same_to_spark(format: dict[str, Any], options: dict[str, Any]) -> None:
    """The encoding is gone by then: text is unpacked as UTF-8."""
    assert options_of(TypeAdapter(FileFormat).validate_python(format)) == options


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT Orders.x FROM Orders", "SELECT Orders.x FROM v1 AS Orders"),
        ("SELECT a.x FROM orders a JOIN orders b USING (x)", "SELECT a.x FROM v1 AS a JOIN v1 AS b USING (x)"),
        ("WITH o AS (SELECT * FROM orders) SELECT * FROM o", "WITH o AS (SELECT * FROM v1 AS orders) SELECT * FROM o"),
        (
            "SELECT * FROM orders UNION ALL SELECT * FROM orders",
            "SELECT * FROM v1 AS orders UNION ALL SELECT * FROM v1 AS orders",
        ),
        (
            "SELECT REGEXP_REPLACE(x, '{2}', 'orders') FROM orders",
            "SELECT REGEXP_REPLACE(x, '{2}', 'orders') FROM v1 AS orders",
        ),
    ],
)
def test_only_references_to_files_are_spelled_anew(text: str, expected: str) -> None:
    """Names of common table expressions, columns and texts stay."""
    assert over(text, {"orders": "v1"}, "here") == expected
