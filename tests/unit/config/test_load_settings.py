"""Load settings and operations as they were written before: what they become is a courier that is right."""

from __future__ import annotations

from typing import Any

import pytest

from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed
from cdp_assets.config.load_rules import load_mistakes
from cdp_assets.config.load_settings import KINDS, files_of, operations_of
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.transforms import IngestQuery
from cdp_assets.errors import ConfigError

LAND_AS = {"file/tag": "orders", "file/content-type": "text/csv", "file/header-rows": 1, "file/separator": ","}
FILE = {
    "object/file-pattern": "'in/orders_'yyyy'-'MM'-'dd'.csv'",
    "object/type": "file",
    "object/land-as": LAND_AS,
}
ARCHIVE = {
    "object/file-pattern": "'in/all_'yyyyMMdd'.zip'",
    "object/type": "archive",
    "object/optional": True,
    "archive/contents": {
        "a/*.psv": {"subobject/land-as": {"file/tag": "a", "file/content-type": "text/pipe-separated-values"}},
        "b.xml": {"subobject/land-as": {"file/tag": "b", "file/content-type": "application/xml"}},
        "archive/skip-missing-contents": True,
    },
}
OPERATIONS = {
    "df-1": [{"type": "load", "file": "orders"}, {"type": "truncate"}],
    "df-2": [
        {
            "type": "spark-sql",
            "spark-sql-files": [
                {"file": "a", "options": {"delimiter": "^", "escape": "\\", "multiline": "false"}},
                {"file": "b", "options": {"rowTag": "order"}, "schema": {"type": "struct", "fields": []}},
            ],
            "spark-sql-query": "made",
        }
    ],
}
FEEDS = {"df-1": "shop_orders", "df-2": "shop_lines"}


def test_what_they_say_is_a_courier_without_mistakes() -> None:
    """Files, members of archives, operations and the options of a query's files."""
    files = files_of([FILE, ARCHIVE])
    load = operations_of(OPERATIONS, FEEDS, files)
    values = {"name": "c", "location": {"kind": "local", "path": "c"}, "files": files, "load": load}
    courier = Courier.model_validate(values)
    feeds = {
        f"shop_{name}": Feed.model_validate(
            {"source": "shop", "name": name, "fields": [{"name": "id"}], "primary_key": ["id"]}
        )
        for name in ("orders", "lines")
    }
    queries = {"made": IngestQuery(name="made", sql="SELECT a.id FROM a JOIN b USING (id)")}
    tenant = Tenant(id="t", name="t", feeds=feeds, ingest_queries=queries)
    assert list(load_mistakes(courier, tenant, lambda *path: str(path))) == []
    orders, a, b = courier.files
    assert (orders.tag, orders.archive, orders.optional) == ("orders", None, False)
    assert orders.format.model_dump(exclude_defaults=True) == {}
    assert (a.archive.contents, a.archive.skip_missing, a.optional) == ("a/*.psv", True, True)
    assert a.format.model_dump(exclude_defaults=True) == {
        "kind": "dsv",
        "delimiter": "^",
        "escape": "\\",
        "multi_line": False,
    }
    assert b.format.row_tag == "order"
    assert courier.load[2].files[1].columns == '{"type": "struct", "fields": []}'


def test_an_archive_of_one_kind_needs_no_list_of_its_contents() -> None:
    """All of its members are read alike then; `skip-missing-contents` may stand beside them, too."""
    one = FILE | {"object/type": "archive", "archive/skip-missing-contents": True}
    (file,) = files_of([one])
    assert (file["tag"], file["archive"]) == ("orders", {"contents": "*", "skip_missing": True})


@pytest.mark.parametrize(
    ("land_as", "expected"),
    [
        ({"file/separator": "\t", "file/content-type": "text/tab-separated-values"}, {"kind": "tsv"}),
        ({"file/separator": "|"}, {"kind": "dsv", "delimiter": "|"}),
        ({"file/header-rows": 0, "file/quote": "'"}, {"kind": "csv", "header": False, "quote": "'"}),
        ({"file/header-rows": 3}, {"kind": "csv", "skip_lines": 2}),
        ({"file/content-type": "application/x-ndjson"}, {"kind": "ndjson"}),
    ],
)
def test_a_separator_that_is_not_the_kinds_own_makes_another_kind(
    land_as: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Rows above the last header are no data."""
    (file,) = files_of([FILE | {"object/land-as": LAND_AS | land_as}])
    assert file["format"] == expected


@pytest.mark.parametrize("content_type", KINDS)
def test_every_documented_content_type_is_a_kind_of_format(content_type: str) -> None:
    """Which the model knows."""
    files = files_of([FILE | {"object/land-as": {"file/tag": "x", "file/content-type": content_type}}])
    values = {"name": "c", "location": {"kind": "local", "path": "c"}, "files": files}
    assert Courier.model_validate(values).files[0].format.kind == KINDS[content_type]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({}, "load settings: not a list"),
        ([FILE, {"object/type": "file"}], "load settings, 1: not a file"),
        ([{"object/file-pattern": "'x'"}], "load settings, 0: no land-as with a file/tag"),
        (
            [FILE | {"object/land-as": {"file/tag": "x", "file/content-type": "text/html"}}],
            "an unknown file/content-type",
        ),
    ],
)
def test_settings_that_are_none_are_refused_with_their_place(settings: Any, problem: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ConfigError, match=problem):
        files_of(settings)


@pytest.mark.parametrize(
    ("operations", "problem"),
    [
        ([], "load operations: not an object"),
        ({"df-9": []}, 'Cannot find required feeds: "df-9". Expected --feed df-9=NAME'),
        ({"df-1": [{"type": "merge"}]}, "df-1: an unknown operation"),
        ({"df-1": [{"type": "spark-sql", "spark-sql-files": [{"file": "z"}]}]}, "z: no such file/tag"),
        (
            {"df-1": [{"type": "spark-sql", "spark-sql-files": [{"file": "orders", "options": {"x": 1}}]}]},
            "x: an unknown option",
        ),
    ],
)
def test_operations_that_are_none_are_refused_with_their_place(operations: Any, problem: str) -> None:
    """With what would be right."""
    with pytest.raises(ConfigError, match=problem):
        operations_of(operations, FEEDS, files_of([FILE]))
