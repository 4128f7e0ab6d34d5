"""What the explorer tells of published tables, and of personal values their shape alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from cdp_assets.environments.columns import columns_of
from cdp_assets.environments.explorer import ExploredColumn, common_values, explored, origins, uses
from cdp_assets.environments.explorer_page import page
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName
from cdp_assets.state.publications import Entry
from tests.unit.environments.published import PEOPLE, TENANT, Published, published

COLUMNS = columns_of(TENANT)
PERSONAL = frozenset({"amperity_id", "email", "state"})


@pytest.fixture
def there(tmp_path: Path) -> Published:
    return published(tmp_path / "state.db", tmp_path / "lake")


def test_a_table_is_told_with_its_columns_and_neighbours(there: Published) -> None:
    found = explored(there.lake, COLUMNS.catalog, Entry(PEOPLE, "people", 0, {}), PERSONAL)
    assert (found.rows, found.version) == (3, 0)
    email = next(one for one in found.columns if one.name == "email")
    assert email == ExploredColumn("email", "string", 2, 2, True, (("Xxx@xxxx.xxx", 1), ("Xx@xxxx.xxx", 1)))
    orders = next(one for one in found.columns if one.name == "lifetime_order_frequency")
    assert (orders.type, orders.personal, orders.common) == ("bigint", False, (("0", 1), ("1", 1), ("3", 1)))
    assert "database__customer_360.customer_attributes" in found.read_by
    assert "database__customer_360.merged_customers" in found.reads


def test_a_column_is_followed_up_and_down() -> None:
    merged = TableName("database__customer_360", "merged_customers")
    assert origins(COLUMNS, PEOPLE, "email") == [f"{merged}.email"]
    assert f"{PEOPLE}.email" in uses(COLUMNS, merged, "email")
    assert origins(COLUMNS, PEOPLE, "nothing") == []


def test_every_type_that_a_table_holds_is_counted(there: Published) -> None:
    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    rows = pa.table(
        {
            "float": [1.5, None],
            "yes": [True, None],
            "day": [at.date(), None],
            "at": pa.array([at, None], pa.timestamp("us", "UTC")),
            "amount": pa.array([Decimal("1.25"), None], pa.decimal128(38, 2)),
            "names": pa.array([["x"], None], pa.list_(pa.field("element", pa.string()))),
            'a "quoted" name': ["x", None],
        }
    )
    delta.overwrite(there.lake.root / "types", rows, "one")
    found = explored(there.lake, COLUMNS.catalog, Entry(PEOPLE, "types", 0, {}), frozenset())
    assert {(one.filled, one.distinct) for one in found.columns} == {(1, 1)}
    assert [one.name for one in found.columns if not one.common] == ["names"]


def test_values_are_told_the_commonest_first(there: Published) -> None:
    entry = Entry(PEOPLE, "people", 0, {})
    assert common_values(there.lake, entry, "state", personal=False, most=1) == (("WA", 2),)
    assert common_values(there.lake, entry, "state", personal=True, most=9) == (("XX", 2), ("XX", 1))


def test_the_page_holds_all_of_it_escaped_and_no_personal_value(there: Published) -> None:
    found = explored(there.lake, COLUMNS.catalog, Entry(PEOPLE, "people", 0, {}), PERSONAL)
    text = page("people & more", "production", [found])
    assert "<title>people &amp; more</title>" in text
    assert "66.7%" in text
    assert "Ann@mail.com" not in text
    empty = explored(there.lake, COLUMNS.catalog, Entry(PEOPLE, "empty", empty_table(there), {}), PERSONAL)
    assert '<td class="number">-</td>' in page("empty", "", [empty])


def empty_table(there: Published) -> int:
    return delta.create(there.lake.root / "empty", pa.schema([("email", pa.string())]))
