"""A page that claims too much is refused before it is unpacked; long values are read a few rows at a time."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_assets.config.file_format import ParquetFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import read
from cdp_assets.exchange.formats.parquet_footer import chunks_of, page_header
from cdp_assets.exchange.formats.parquet_pages import AT_ONCE_BYTES, MOST_ROWS, PAGE_BYTES, rows_at_once

FIRST_PAGE = 4
"""Behind the file's mark."""
MEGABYTE = 1 << 20


def parquet(table: pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def rows_of(data: bytes) -> int:
    footer_bytes = int.from_bytes(data[-8:-4], "little")
    return rows_at_once(io.BytesIO(data), chunks_of(data[-8 - footer_bytes : -8]), "in.parquet")


def varint(number: int) -> bytes:
    """Spell a whole number as Thrift does."""
    doubled, found = number << 1, b""
    while doubled > 0x7F:
        found, doubled = found + bytes([doubled & 0x7F | 0x80]), doubled >> 7
    return found + bytes([doubled])


def claiming(unpacked_bytes: int) -> bytes:
    """Make a file whose one page says that it is so large when unpacked; it is a few bytes."""
    data = parquet(pa.table({"a": ["x" * 100]}), compression="gzip", use_dictionary=False, write_statistics=False)
    told = b"\x15\x00\x15" + varint(page_header(data[FIRST_PAGE:]).unpacked_bytes)
    assert data[FIRST_PAGE:].startswith(told), "its type, then its size"
    return data[:FIRST_PAGE] + b"\x15\x00\x15" + varint(unpacked_bytes) + data[FIRST_PAGE + len(told) :]


@pytest.mark.parametrize("unpacked_bytes", [PAGE_BYTES + 1, 2**31 - 1])
def test_a_page_that_claims_too_much_is_refused_before_it_is_unpacked(unpacked_bytes: int) -> None:
    with pytest.raises(SourceError, match=rf"in\.parquet: has a page that is {unpacked_bytes:,} bytes when unpacked"):
        list(read(io.BytesIO(claiming(unpacked_bytes)), ParquetFormat(), ["a"], "in.parquet"))


def test_a_page_that_nobody_reads_may_claim_what_it_wants() -> None:
    (part,) = read(io.BytesIO(claiming(2**31 - 1)), ParquetFormat(), ["b"], "in.parquet", ["b"])
    assert part.table.num_rows == 1


def test_ordinary_files_are_read_by_the_same_rows_as_ever() -> None:
    """Of both versions of pages, with dictionaries and without, whatever their pages' headers hold."""
    table = pa.table({"n": range(50_000), "t": [f"text {n % 7} " * 50 for n in range(50_000)], "v": [None] * 50_000})
    for options in ({}, {"data_page_version": "2.0"}, {"use_dictionary": False}, {"compression": "none"}):
        assert rows_of(parquet(table, row_group_size=20_000, **options)) == MOST_ROWS
    assert rows_of(parquet(table.slice(0, 0))) == MOST_ROWS


def test_a_long_text_of_a_dictionary_may_stand_in_every_row() -> None:
    data = parquet(pa.table({"t": ["x" * 4 * MEGABYTE] * 3}))
    assert AT_ONCE_BYTES // (5 * MEGABYTE) < rows_of(data) <= AT_ONCE_BYTES // (4 * MEGABYTE)
    (part,) = read(io.BytesIO(data), ParquetFormat(), ["t"], "in.parquet")
    assert part.table.column("t").to_pylist() == ["x" * 4 * MEGABYTE] * 3


def test_long_texts_of_a_page_are_as_long_as_its_average() -> None:
    """Their least and greatest stand in the page's header, which is longer than is looked at first."""
    data = parquet(pa.table({"t": [str(n) * MEGABYTE for n in range(4)]}), use_dictionary=False, write_batch_size=2)
    assert rows_of(data) <= AT_ONCE_BYTES // MEGABYTE
    long = parquet(pa.table({"t": ["y" * 3000]}), use_dictionary=False, write_page_index=False)
    assert page_header(long[FIRST_PAGE:]).header_bytes > 1024


def test_a_column_without_the_pages_that_it_should_have_is_damaged() -> None:
    data = parquet(pa.table({"a": ["x" * 100]}), use_dictionary=False)
    for header in (b"\x00" * 20, b"\x15\x00\x15\x01\x15\x01\x00"):
        spoiled = data[:FIRST_PAGE] + header + data[FIRST_PAGE + len(header) :]
        with pytest.raises(SourceError, match=r"in\.parquet: .*damaged or cut short"):
            list(read(io.BytesIO(spoiled), ParquetFormat(), ["a"], "in.parquet"))
