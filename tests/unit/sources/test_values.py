"""A file's texts in a feed's types."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.feed import FeedField
from cdp_assets.sources.times import Times
from cdp_assets.sources.values import Typed, arrow_type, typed


def field(kind: str, **more: object) -> FeedField:
    """Give a field of a type."""
    return FeedField.model_validate({"name": "x", "type": kind, **more})


def typed_alone(column: pa.Array, one: FeedField) -> Typed:
    """Give a column that is the file's first and only batch."""
    return typed(column, one, Times())


CASES = [
    ("integer", ["1", " 42 ", "+7", "-3", "5.00", "", None], [1, 42, 7, -3, 5, None, None], []),
    ("integer", ["1.5", "x", "1e3", "9223372036854775808"], [None] * 4, [0, 1, 2, 3]),
    ("float", ["1.5", "-2", "1e3", ""], [1.5, -2.0, 1000.0, None], []),
    ("integer", [" ", ".", "1.", "007", "--1"], [None, None, 1, 7, None], [1, 4]),
    (
        "date",
        [" ", "20261120", "2026111", "2026-11-20 "],
        [None, dt.date(2026, 11, 20), None, dt.date(2026, 11, 20)],
        [2],
    ),
    ("float", ["nan", "inf", "1,5"], [None] * 3, [0, 1, 2]),
    ("boolean", ["true", "F", "Yes", "0", ""], [True, False, True, False, None], []),
    ("boolean", ["2", "maybe"], [None, None], [0, 1]),
    ("boolean", ["true", "false", None, ""], [True, False, None, None], []),
    ("boolean", ["true", "falsehood"], [True, None], [1]),
    ("decimal", ["1", "1.5", "-0.25", "+3.10", ".5", "2.500"], ["1.00", "1.50", "-0.25", "3.10", "0.50", "2.50"], []),
    ("decimal", ["7", "\u00a0-0.25\u3000"], ["7.00", "-0.25"], []),
    ("decimal", ["1.005", "1,50", "1e2", "--1", "$5"], [None] * 5, [0, 1, 2, 3, 4]),
    ("date", ["2026-11-20", "11/20/2026 10:00:00"], [dt.date(2026, 11, 20)] * 2, []),
    ("string", ["a", "", " b "], ["a", None, " b "], []),
]


@pytest.mark.parametrize(("kind", "texts", "wanted", "bad"), CASES)
def test_texts_become_values_or_are_bad(kind: str, texts: list[str], wanted: list[object], bad: list[int]) -> None:
    """Empty is NULL and not bad; what cannot be read exactly is bad and NULL."""
    found = typed_alone(pa.array(texts, pa.string()), field(kind))
    expected = [Decimal(value) if kind == "decimal" and isinstance(value, str) else value for value in wanted]
    assert found.values.to_list() == expected
    assert found.bad.fill_null(False).arg_true().to_list() == bad
    assert pl.Series(found.values.to_arrow().cast(arrow_type(field(kind)))).len() == len(texts)


def test_a_decimal_without_a_fraction_takes_whole_numbers_only() -> None:
    """Nothing is rounded, not even a half without a nought before its point."""
    found = typed_alone(pa.array(["5", "5.0", "5.", ".0", ".5", "-.6", "1.5"]), field("decimal", scale=0))
    assert found.values.to_list() == [Decimal(5), Decimal(5), Decimal(5), Decimal(0), None, None, None]


def test_a_decimal_holds_thirty_eight_digits_and_no_more() -> None:
    """The documented precision."""
    full = "9" * 36 + ".99"
    found = typed_alone(pa.array([full, "1" + full, "-" + full]), field("decimal"))
    assert found.values.to_list() == [Decimal(full), None, Decimal("-" + full)]


@pytest.mark.parametrize("kind", ["date", "datetime"])
def test_a_pattern_concerns_texts_alone(kind: str) -> None:
    """A Parquet column of dates is not text written as the pattern says."""
    moments = pa.array([dt.datetime(2026, 11, 20, tzinfo=dt.UTC)], pa.timestamp("us", "UTC"))
    texts = pa.array(["11/20/2026", "2026-11-20"])
    one = field(kind, pattern="MM/dd/yyyy")
    assert typed_alone(texts, one).values.to_list() == [typed_alone(moments, one).values.to_list()[0], None]


@given(st.decimals(-(10**12), 10**12, places=2))
def test_a_decimal_comes_out_as_it_went_in(number: Decimal) -> None:
    """Python's decimal is the oracle."""
    assert typed_alone(pa.array([str(f"{number:f}")]), field("decimal")).values.to_list() == [number]


def test_columns_that_have_a_type_are_taken_over() -> None:
    """Parquet's dates, times, numbers and booleans mean what they mean."""
    assert typed_alone(pa.array([dt.date(2026, 11, 20)]), field("date")).values.to_list() == [dt.date(2026, 11, 20)]
    moment = dt.datetime(2026, 11, 20, 10, 30, tzinfo=dt.UTC)
    for kind in (pa.timestamp("us", "UTC"), pa.timestamp("ms", "Europe/Berlin")):
        assert typed_alone(pa.array([moment], kind), field("datetime")).values.to_list() == [moment]
    assert typed_alone(pa.array([3], pa.int32()), field("integer")).values.to_list() == [3]
    assert typed_alone(pa.array([True]), field("boolean")).values.to_list() == [True]
    assert typed_alone(pa.array([Decimal("1.5")]), field("decimal")).values.to_list() == [Decimal("1.50")]
