"""Columns of every type become the text that a person would have typed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from cdp_assets.stitch.as_text import as_key, as_text

DAY = dt.datetime(1987, 3, 12, 23, 30)


def column(values: list[Any], kind: Any = None) -> Any:
    """Make a column of one chunk."""
    return pa.chunked_array([pa.array(values, kind)])


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (column(["Ann", "", None]), ["Ann", "", None]),
        (column(["Ann"], pa.string_view()), ["Ann"]),
        (column(["Ann", "Bob", "Ann"]).dictionary_encode(), ["Ann", "Bob", "Ann"]),
        (column([7, 8, 7]).dictionary_encode(), ["7", "8", "7"]),
        (column([2**64 - 1], pa.uint64()), ["18446744073709551615"]),
        (column([12065551234.0, 1.5, None]), ["12065551234", "1.5", None]),
        (column([float("nan"), float("inf"), 1e300]), [None, None, "1e+300"]),
        (column([1.0], pa.float16()), ["1"]),
        (column([Decimal("2065551234.00"), Decimal("0.50"), Decimal("100.00")]), ["2065551234", "0.5", "100"]),
        (column([Decimal("200"), None]), ["200", None]),
        (column([DAY.date()]), ["1987-03-12"]),
        (column([DAY.date()], pa.date64()), ["1987-03-12"]),
        (column([DAY], pa.timestamp("ns")), ["1987-03-12"]),
        (column([DAY], pa.timestamp("us", "America/New_York")), ["1987-03-12"]),
        (column([DAY.replace(year=1937)], pa.timestamp("s")), ["1937-03-12"]),
        (column([dt.time(1)], pa.time32("s")), ["01:00:00"]),
        (column([True, None]), ["true", None]),
        (column([b"Ann", b"A\xffnn"]), ["Ann", "Ann"]),
        (column([None, None]), [None, None]),
        (column([], pa.int64()), []),
    ],
)
def test_single_values_have_a_text(values: Any, texts: list[str | None]) -> None:
    assert as_text(values).to_pylist() == texts


def test_texts_that_are_no_utf8_lose_those_bytes_only() -> None:
    """A file may say that its bytes are text when they are not."""
    raw = pa.array([b"A\xffnn", b"Bob", None])
    said = pa.Array.from_buffers(pa.string(), len(raw), raw.buffers())
    assert as_text(pa.chunked_array([said])).to_pylist() == ["Ann", "Bob", None]


@pytest.mark.parametrize(
    "nested",
    [
        column([["Ann"]]),
        column([{"name": "Ann"}]),
        column([[("name", "Ann")]], pa.map_(pa.string(), pa.string())),
        column([pa.MonthDayNano([1, 2, 3])]),
    ],
)
def test_nested_values_have_none(nested: Any) -> None:
    assert as_text(nested) is None
    assert as_key(nested) is None


@pytest.mark.parametrize(
    "values",
    [
        column([b"\xff\x01", b"\xff\x02", b"\x01"]),
        column([DAY, DAY + dt.timedelta(seconds=1)]),
        column([1.0, 1.5, 2.0**60, 2.0**61]),
        column([Decimal("1.00"), Decimal("1.01"), Decimal("10.00")]),
    ],
)
def test_keys_differ_where_values_do(values: Any) -> None:
    assert len(set(as_key(values).to_pylist())) == len(values)
