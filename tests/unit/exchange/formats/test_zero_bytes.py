"""Rows with zero bytes are taken out, wherever their batch begins in memory."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.file_format import DelimitedFormat, NdjsonFormat
from cdp_assets.exchange.formats import Batch, Malformed, read
from cdp_assets.exchange.formats.zero_bytes import without_zero_bytes

TEXTS = st.none() | st.text("a\0é", max_size=4)


@pytest.mark.parametrize(
    ("data", "format"),
    [(b"id,x\n1,a\n2,b\0c\n3,\n", DelimitedFormat()), (b'{"x":"a"}\n{"x":"\\u0000"}\n{"x":""}', NdjsonFormat())],
)
def test_a_zero_byte_spoils_its_row_alone(data: bytes, format: DelimitedFormat | NdjsonFormat) -> None:
    bad, good = read(io.BytesIO(data), format, ["x"], "in")
    assert bad == Malformed(2, "holds a zero byte in column `x`")
    assert isinstance(good, Batch)
    assert (good.table.column(0).to_pylist(), good.rows.tolist()) == (["a", ""], [1, 3])


@given(
    rows=st.lists(st.tuples(TEXTS, TEXTS), max_size=12),
    start=st.integers(0, 3),
    type_=st.sampled_from([pa.string(), pa.large_string()]),
)
def test_just_the_rows_with_zero_bytes_go(rows: list[tuple[str | None, ...]], start: int, type_: pa.DataType) -> None:
    arrays = [pa.array([row[at] for row in rows], type_) for at in range(2)]
    batch = pa.RecordBatch.from_arrays([*arrays, pa.array(range(len(rows)))], names=["a", "b", "n"]).slice(start)
    numbers = np.arange(start, start + batch.num_rows)
    found = list(without_zero_bytes(iter([Batch(batch, numbers)])))
    bad = {part.row for part in found if isinstance(part, Malformed)}
    assert bad == {at for at, row in enumerate(rows) if at >= start and any("\0" in (text or "") for text in row)}
    kept = [number for part in found if isinstance(part, Batch) for number in part.table.column(2).to_pylist()]
    assert kept == [number for number in range(start, len(rows)) if number not in bad]
