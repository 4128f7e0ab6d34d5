"""How rows are compared, against a comparison of plain dictionaries and counters."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.environments.data_diff.model import Example, RowChanges
from cdp_assets.environments.data_diff.rows import compare_rows, schema_change

SCHEMA = {"k": pl.Int64, "a": pl.String, "b": pl.Float64, "l": pl.List(pl.Int64)}
VALUES = st.tuples(
    st.sampled_from(["x", "y", None]),
    st.sampled_from([0.0, 1.5, None]),
    st.sampled_from([None, [], [1], [1, None]]),
)
KEYED = st.dictionaries(st.integers(0, 8), VALUES, max_size=8)
LOOSE = st.lists(st.tuples(st.integers(0, 2), VALUES), max_size=12)
EVERYTHING = 10**6


def frame(rows: list[tuple[int, tuple[Any, ...]]]) -> pl.DataFrame:
    """Make the table of rows (key, other values)."""
    return pl.DataFrame([(key, *values) for key, values in rows], schema=SCHEMA, orient="row")


def counts(found: RowChanges) -> tuple[int, int, int]:
    """Give added, removed, changed."""
    return found.added, found.removed, found.changed


@given(KEYED, KEYED)
def test_rows_with_a_key_differ_as_dictionaries_do(before: dict[int, Any], after: dict[int, Any]) -> None:
    """Counts, the counts per column, and the example of every row."""
    found = compare_rows(frame([*before.items()]), frame([*after.items()]), [("k",)], frozenset(), EVERYTHING)
    changed = {key for key in before.keys() & after.keys() if before[key] != after[key]}
    assert counts(found) == (len(after.keys() - before.keys()), len(before.keys() - after.keys()), len(changed))
    columns = Counter(
        name for key in changed for name, old, new in zip("abl", before[key], after[key], strict=True) if old != new
    )
    assert found.columns == dict(columns)
    shown = {(one.action, int(dict(one.key)["k"] or -1)) for one in found.examples}
    assert shown == (
        {("added", key) for key in after.keys() - before.keys()}
        | {("removed", key) for key in before.keys() - after.keys()}
        | {("changed", key) for key in changed}
    )


@given(LOOSE, LOOSE)
def test_rows_without_a_key_differ_as_multisets_do(before: list[Any], after: list[Any]) -> None:
    """Equal rows cancel each other, as often as they occur."""
    found = compare_rows(frame(before), frame(after), [], frozenset(), 0)
    old, new = (Counter((key, a, b, str(nested)) for key, (a, b, nested) in rows) for rows in (before, after))
    assert counts(found) == ((new - old).total(), (old - new).total(), 0)
    assert found.key == ()


@given(KEYED)
def test_a_table_does_not_differ_from_itself_in_another_order(rows: dict[int, Any]) -> None:
    """The order of rows and of columns says nothing."""
    turned = frame([*reversed(rows.items())]).select("l", "b", "a", "k")
    assert not compare_rows(frame([*rows.items()]), turned, [("k",)], frozenset(), 5)


@pytest.mark.parametrize(
    ("before", "after", "key"),
    [([1, 2], [2, 3], ("k",)), ([1, 1], [1], ()), ([1], [3, 3], ()), ([None, 1], [None], ("k",))],
)
def test_a_key_counts_only_where_it_is_unique_on_both_sides(
    before: list[int], after: list[int], key: tuple[str, ...]
) -> None:
    """A declared key that the data breaks is not used."""
    frames = (pl.DataFrame({"k": values}, schema={"k": pl.Int64}) for values in (before, after))
    assert compare_rows(*frames, [("absent",), ("k",)], frozenset(), 5).key == key


def test_a_number_of_another_type_is_the_same_number() -> None:
    """A column that was retyped counts as changed where its value did."""
    before = pl.DataFrame({"k": [1, 2], "n": [1, 2], "t": [3, 4]})
    after = pl.DataFrame({"k": [1, 2], "n": [Decimal("1.00"), Decimal("2.50")], "t": ["3", "x"]})
    found = compare_rows(before, after, [("k",)], frozenset(), 5)
    assert (found.changed, found.columns) == (1, {"n": 1, "t": 1})
    assert [name for name, _, _ in schema_change(before.schema, after.schema).retyped] == ["n", "t"]


def test_columns_of_one_side_alone_change_the_schema_and_no_row() -> None:
    """An added column is not a change of every row."""
    before, after = pl.DataFrame({"k": [1], "old": ["x"]}), pl.DataFrame({"k": [1], "new": [True]})
    assert not compare_rows(before, after, [("k",)], frozenset(), 5)
    found = schema_change(before.schema, after.schema)
    assert (found.added, found.removed, found.retyped) == ((("new", "Boolean"),), (("old", "String"),), ())


def test_values_of_every_type_compare_and_show() -> None:
    """Structs, maps, bytes, times, NaN."""
    row = {
        "k": 1,
        "s": {"q": 1},
        "b": b"\x00\xff",
        "at": dt.datetime(2026, 1, 2, tzinfo=dt.UTC),
        "on": dt.date(2026, 1, 2),
        "f": float("nan"),
    }
    new = row | {"s": {"q": 2}, "b": b"\x01", "on": dt.date(2026, 1, 3)}
    found = compare_rows(pl.DataFrame([row]), pl.DataFrame([new]), [("k",)], frozenset(), 5)
    assert found.columns == {"s": 1, "b": 1, "on": 1}
    assert not compare_rows(pl.DataFrame([row]), pl.DataFrame([row]), [], frozenset(), 5)
    texts = {cell.column: (cell.before, cell.after) for cell in found.examples[0].cells}
    assert texts["on"] == ("2026-01-02", "2026-01-03")


PEOPLE = st.lists(st.text("AbÅ9 @.", min_size=1, max_size=6), min_size=1, max_size=6, unique=True)


@given(PEOPLE, PEOPLE, st.booleans())
def test_examples_show_the_shape_of_a_personal_value(before: list[str], after: list[str], keyed: bool) -> None:
    """In keys, in whole rows and in changed cells alike: no letter or digit but x, X and 9."""
    ours, theirs = (pl.DataFrame({"email": names, "n": range(len(names))}) for names in (before, after))
    key = [("email",)] if keyed else [("n",)]
    found = compare_rows(ours, theirs, key, frozenset({"email"}), 20)
    shown = [value for one in found.examples for value in _values(one, "email")]
    assert all(set(value) <= set("xX9 @.") for value in shown)
    assert not found or shown or not keyed


def _values(example: Example, column: str) -> list[str]:
    cells = [(cell.column, value) for cell in example.cells for value in (cell.before, cell.after)]
    return [value for name, value in (*example.key, *cells) if name == column and value is not None]


def test_no_more_examples_than_asked_for_of_each_kind() -> None:
    """The first ones by key."""
    before = pl.DataFrame({"k": range(20), "v": [0] * 20})
    after = pl.DataFrame({"k": range(10, 30), "v": [1] * 20})
    found = compare_rows(before, after, [("k",)], frozenset(), 2)
    shown = [(one.action, dict(one.key)["k"]) for one in found.examples]
    assert sorted(shown) == sorted(
        [("added", "20"), ("added", "21"), ("removed", "0"), ("removed", "1"), ("changed", "10"), ("changed", "11")]
    )
