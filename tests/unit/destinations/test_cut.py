"""A stream of rows is cut into parts: every row once, in order, within the limit."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp_assets.config.file_format import DelimitedOutput, NdjsonOutput, OutputFormat, ParquetOutput
from cdp_assets.destinations.cut import Limit, Rows, part
from cdp_assets.exchange.formats import write

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string()), ("yes", pa.bool_())])
MEGABYTE = 1_000_000


def reader(sizes: list[int], width: int = 1) -> pa.RecordBatchReader:
    """Give rows numbered from 0 on, in batches of these sizes."""
    batches, start = [], 0
    for size in sizes:
        numbers = list(range(start, start + size))
        texts = [f"{number * 7919:x}" * (1 + number % width) for number in numbers]
        batches.append(pa.record_batch([numbers, texts, [number % 3 == 0 for number in numbers]], schema=SCHEMA))
        start += size
    return pa.RecordBatchReader.from_batches(SCHEMA, batches)


def numbers(rows: pa.RecordBatchReader) -> list[int]:
    return list(rows.read_all()["n"].to_pylist())


@given(sizes=st.lists(st.integers(0, 9), max_size=8), most=st.integers(1, 12), skipped=st.integers(0, 30))
def test_rows_come_once_in_order_and_so_many_at_a_time(sizes: list[int], most: int, skipped: int) -> None:
    """However the stream's own batches lie, and from wherever one goes on."""
    rows, found = Rows(reader(sizes)), []
    rows.drop(skipped)
    while rows.peek(1) is not None:
        found.append(numbers(part(rows, Limit(most), lambda: 0)))
    assert [number for one in found for number in one] == list(range(skipped, sum(sizes)))
    assert all(len(one) == most for one in found[:-1])


@pytest.mark.parametrize("format_", [DelimitedOutput(), NdjsonOutput(), ParquetOutput()], ids=lambda one: one.kind)
@pytest.mark.parametrize("width", [1, 25], ids=["even", "uneven"])
def test_no_file_is_larger_than_its_limit_and_few_are_small(format_: OutputFormat, width: int, tmp_path: Path) -> None:
    """Whatever the format makes of the rows."""
    rows, sizes, found = Rows(reader([20_000] * 5, width)), [], 0
    while rows.peek(1) is not None:
        path = tmp_path / str(len(sizes))
        found += write(path, part(rows, Limit(10**9, MEGABYTE), lambda path=path: path.stat().st_size), format_)
        sizes.append(path.stat().st_size)
    assert found == 100_000
    assert len(sizes) > 1
    assert max(sizes) <= MEGABYTE
    assert min(sizes[:-1]) > MEGABYTE * 0.6


@settings(max_examples=15)
@given(widths=st.lists(st.sampled_from([1, 10, 2_000]), min_size=1, max_size=6))
def test_rows_that_grow_suddenly_stay_within_the_limit(
    widths: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A thousand short ones, then long ones, and the other way round."""
    batches = [
        pa.record_batch([list(range(500)), ["é" * width] * 500, [True] * 500], schema=SCHEMA) for width in widths
    ]
    rows = Rows(pa.RecordBatchReader.from_batches(SCHEMA, batches))
    path, found = tmp_path_factory.mktemp("cut") / "part", 0
    while rows.peek(1) is not None:
        found += write(path, part(rows, Limit(10**9, MEGABYTE), lambda: path.stat().st_size), DelimitedOutput())
        assert path.stat().st_size <= MEGABYTE
    assert found == 500 * len(widths)


def test_a_row_that_is_larger_than_the_limit_is_a_file_of_its_own(tmp_path: Path) -> None:
    """It is sent rather than lost."""
    batch = pa.record_batch([[1, 2, 3], ["a" * 3_000_000] * 3, [True] * 3], schema=SCHEMA)
    rows, counts = Rows(pa.RecordBatchReader.from_batches(SCHEMA, [batch])), []
    while rows.peek(1) is not None:
        path = tmp_path / str(len(counts))
        counts.append(
            write(path, part(rows, Limit(10**9, MEGABYTE), lambda path=path: path.stat().st_size), DelimitedOutput())
        )
    assert counts == [1, 1, 1]
