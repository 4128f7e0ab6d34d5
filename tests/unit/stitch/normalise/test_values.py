"""Columns taken apart."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.normalise.values import changed_where, said_where, spread, taken_apart, thought_over


def test_each_value_is_changed_once() -> None:
    """And every row has what became of its own; no value stays none."""
    column = taken_apart(pl.Series(["b", None, "a", "b"]), pl.Series([3, 2, 1, 0]))
    assert sorted(column.values) == ["a", "b"]
    assert column.spread(column.values.str.to_uppercase()).to_list() == ["B", "A", None, "B"]


def test_a_column_that_is_not_there_says_nothing() -> None:
    """For each row."""
    assert spread(None, lambda values: values, 2).to_list() == [None, None]


def test_only_hard_values_are_thought_over() -> None:
    """The others keep what stands beside them; the order stays."""
    values = pl.Series(["a", "b1", "c", "d2"])
    asked: list[str] = []

    def think(text: str) -> tuple[str]:
        asked.append(text)
        return (text.upper(),)

    found = thought_over(values, values.str.len_bytes() == 1, pl.DataFrame({"said": values}), think)
    assert found["said"].to_list() == ["a", "B1", "c", "D2"]
    assert asked == ["b1", "d2"]


def test_some_values_are_replaced() -> None:
    """Those that are named, in their order; or left unsaid."""
    values, which = pl.Series(["a", "b", "c"]), pl.Series([True, False, True])
    assert changed_where(values, which, ["x", None]).to_list() == ["x", "b", None]
    assert said_where(values, which).to_list() == ["a", None, "c"]
