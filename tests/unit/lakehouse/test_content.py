"""A content is the same for the same rows, and for no others."""

from __future__ import annotations

import pyarrow as pa
import pytest

from cdp_assets.lakehouse.content import content_before, content_of, content_since, content_together

ROWS = pa.table({"pk": ["a", "b", "c"], "n": [1, 2, None], "empty": pa.array([None] * 3, pa.string())})


def test_the_same_rows_in_another_order_are_the_same_content() -> None:
    """Order of rows, of columns and the kind of string do not matter."""
    turned = ROWS.take([2, 0, 1]).select(["n", "empty", "pk"])
    large = turned.cast(pa.schema([("n", pa.int64()), ("empty", pa.large_string()), ("pk", pa.large_string())]))
    assert content_of(large) == content_of(ROWS)


@pytest.mark.parametrize(
    "other",
    [
        ROWS.slice(0, 2),
        pa.concat_tables([ROWS, ROWS.slice(0, 1)]),
        ROWS.set_column(1, "n", pa.array([2, 1, None])),
        ROWS.rename_columns(["pk", "n", "void"]),
        ROWS.set_column(1, "n", pa.array([1.0, 2.0, None])),
        ROWS.drop_columns(["empty"]),
    ],
)
def test_whatever_differs_is_other_content(other: pa.Table) -> None:
    """A row more or less, a value elsewhere, a name, a type, a column."""
    assert content_of(other) != content_of(ROWS)


@pytest.mark.parametrize("known", range(ROWS.num_rows + 1))
def test_the_content_of_the_first_rows_follows_from_that_of_all_and_the_last_ones(known: int) -> None:
    assert content_before(ROWS, known, content_of(ROWS)) == content_of(ROWS.slice(0, known))


@pytest.mark.parametrize(
    ("gone", "came"),
    [
        (ROWS.slice(0, 1), pa.table({"pk": ["d"], "n": [4], "empty": pa.array(["now"])})),
        (ROWS.slice(0, 0), ROWS.slice(1)),
        (ROWS, ROWS.slice(2)),
        (ROWS.slice(1), ROWS.slice(0, 0)),
    ],
)
def test_the_content_of_changed_rows_follows_from_what_went_and_came(gone: pa.Table, came: pa.Table) -> None:
    rows = pa.concat_tables([ROWS.filter([one not in gone["pk"].to_pylist() for one in "abc"]), came])
    assert content_since(rows, content_of(ROWS), gone, came) == content_of(rows)


@pytest.mark.parametrize("rows", [ROWS, ROWS.slice(2), ROWS.slice(1).rename_columns(["pk", "n", "void"])])
def test_a_change_that_cannot_have_made_the_rows_is_not_believed(rows: pa.Table) -> None:
    """Another number of rows, or other columns: then all rows are looked at."""
    assert content_since(rows, content_of(ROWS), ROWS.slice(0, 1), ROWS.slice(0, 0)) == content_of(rows)


def test_the_content_of_parts_is_that_of_the_whole() -> None:
    """However the rows are parted, an empty part included."""
    parts = [ROWS.slice(0, 0), ROWS.slice(2), ROWS.slice(0, 2)]
    assert content_together([content_of(part) for part in parts]) == content_of(ROWS)
