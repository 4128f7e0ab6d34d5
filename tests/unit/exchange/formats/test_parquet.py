"""What the Parquet reader does with the types, shapes and damage that files have."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_assets.config.file_format import ParquetFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import Batch, read
from cdp_assets.exchange.formats.columns import MOST_COLUMNS
from cdp_assets.exchange.formats.parquet import FOOTER_BYTES
from cdp_assets.exchange.formats.parquet_footer import chunks_of

FORMAT = ParquetFormat(kind="parquet")


def parquet(table: pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table, buffer, **options)
    return buffer.getvalue()


def columns(data: bytes, names: list[str], optional: tuple[str, ...] = ()) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {name: [] for name in names}
    for part in read(io.BytesIO(data), FORMAT, names, "in.parquet", optional):
        assert isinstance(part, Batch), part
        for name in names:
            found[name] += part.table.column(name).to_pylist()
    return found


def test_columns_are_found_in_any_case_and_by_path_into_records() -> None:
    data = parquet(pa.table({"ID": [1, 2], "name": [{"Given": "A", "at": {"x": 1}}, None]}))
    assert columns(data, ["id", "name.given", "NAME.at.X"]) == {
        "id": [1, 2],
        "name.given": ["A", None],
        "NAME.at.X": [1, None],
    }


def test_times_of_every_unit_are_utc() -> None:
    at = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
    table = pa.table(
        {
            "ms": pa.array([at], pa.timestamp("ms")),
            "ns": pa.array([at], pa.timestamp("ns", "Europe/Berlin")),
            "us": pa.array([at], pa.timestamp("us", "UTC")),
        }
    )
    for options in ({}, {"use_deprecated_int96_timestamps": True}):
        assert columns(parquet(table, **options), ["ms", "ns", "us"]) == {"ms": [at], "ns": [at], "us": [at]}


def test_dictionaries_and_unmarked_text_are_text() -> None:
    table = pa.table({"a": pa.array(["x", "y", "x"]).dictionary_encode(), "b": pa.array([b"1", b"2", None])})
    assert columns(parquet(table), ["a", "b"]) == {"a": ["x", "y", "x"], "b": ["1", "2", None]}


def test_rows_are_numbered_over_all_row_groups() -> None:
    data = parquet(pa.table({"n": list(range(1, 200_001))}), row_group_size=30_000)
    for part in read(io.BytesIO(data), FORMAT, ["n"], "in.parquet"):
        assert isinstance(part, Batch)
        assert part.rows.tolist() == part.table.column("n").to_pylist()


def test_absent_columns_are_named_unless_optional() -> None:
    data = parquet(pa.table({"a": [1]}))
    with pytest.raises(SourceError, match=r"in\.parquet.*no column `b`, `c\.d`"):
        columns(data, ["a", "b", "c.d"])
    assert columns(data, ["a", "b"], ("b",)) == {"a": [1], "b": [None]}


def test_a_column_of_records_or_lists_needs_a_path() -> None:
    data = parquet(pa.table({"lines": [[1, 2]]}))
    with pytest.raises(SourceError, match="`lines` holds records or lists"):
        columns(data, ["lines"])


def test_zstd_is_refused_as_documented() -> None:
    with pytest.raises(SourceError, match="zstd"):
        columns(parquet(pa.table({"a": [1]}), compression="zstd"), ["a"])


@pytest.mark.parametrize("compression", ["snappy", "gzip", "lz4", "brotli", "none"])
def test_every_other_compression_is_read(compression: str) -> None:
    assert columns(parquet(pa.table({"a": [1]}), compression=compression), ["a"]) == {"a": [1]}


@pytest.mark.parametrize("data", [b"PAR1", b"id,name\n1,x\n", parquet(pa.table({"a": [1]}))[:-20]])
def test_what_is_cut_or_no_parquet_is_refused(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"in\.parquet.*damaged or cut short"):
        columns(data, ["a"])


def test_an_empty_file_is_an_error() -> None:
    with pytest.raises(SourceError, match="is empty"):
        columns(b"", ["a"])


def test_text_that_is_not_utf8_is_refused() -> None:
    """Written into a table it could never be read again."""
    table = pa.table({"id": ["aaaa-mark-aaaa"]})
    whole = parquet(table, use_dictionary=False, compression="none", write_statistics=False)
    with pytest.raises(SourceError, match=r"in\.parquet.*damaged"):
        columns(whole.replace(b"-mark-", b"-\xff\xfe\xfd\xfc-", 1), ["id"])


def test_no_spoiled_byte_of_the_table_of_contents_ends_the_process() -> None:
    """Some of these end it in Arrow 26 when a column is asked how it is compressed."""
    data = parquet(pa.table({"id": [1, 2], "tags": [["a"], []]}))
    footer_bytes = int.from_bytes(data[-8:-4], "little")
    outcomes = set()
    for at in range(len(data) - 8 - footer_bytes, len(data) - 8):
        spoiled = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        try:
            columns(spoiled, ["id"], ("id",))
            outcomes.add("read")
        except SourceError as error:
            outcomes.add(error.file)
    assert outcomes == {"read", "in.parquet"}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"PAR1", "its table of contents is not at its end"),
        (b"PAR1" + b"\xff\xff\xff\x7f" + b"PAR1", "its table of contents is not at its end"),
        (b"PAR1" + b"\x00\x00\x00\x00" + b"PAR1", "it is damaged or cut short"),
        (b"PAR1" + b"\x1c" * 500 + b"\xf4\x01\x00\x00" + b"PAR1", "it is damaged or cut short"),
        (b"PAR1" + b"\x49\xfc" + b"\xff" * 9 + b"\x0b\x00\x00\x00" + b"PAR1", "it is damaged or cut short"),
    ],
    ids=["no end", "beyond the file", "empty", "structs without end", "a list without end"],
)
def test_a_hostile_table_of_contents_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(SourceError, match=rf"in\.parquet: .*{problem}"):
        columns(data, ["a"])


def test_a_table_of_contents_is_held_to_its_limit_before_it_is_read() -> None:
    data = io.BytesIO()
    data.seek(FOOTER_BYTES + 100)
    data.write((FOOTER_BYTES + 1).to_bytes(4, "little") + b"PAR1")
    with pytest.raises(SourceError, match="a table of contents that is too large"):
        columns(data.getvalue(), ["a"])


@pytest.mark.parametrize("as_dictionary", [True, False])
def test_a_text_that_is_stored_once_does_not_fill_the_memory(as_dictionary: bool) -> None:
    """A file of a few thousand bytes holds six thousand million."""
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), pa.array(["x" * 60_000]))
    data = parquet(pa.table({"a": texts}), store_schema=as_dictionary)
    assert len(data) < 10_000
    before_bytes = pa.total_allocated_bytes()
    rows = 0
    for part in read(io.BytesIO(data), FORMAT, ["a"], "in.parquet"):
        assert isinstance(part, Batch)
        rows += part.table.num_rows
        assert pa.total_allocated_bytes() - before_bytes < 512 << 20
        if rows > 5000:
            break
    assert rows > 5000


def test_a_few_rows_that_are_too_large_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cdp_assets.exchange.formats.parquet.AT_ONCE_BYTES", 1 << 20)
    data = parquet(pa.table({"a": ["x" * 2000] * 1024}))
    with pytest.raises(SourceError, match=r"in\.parquet: has 1,024 rows of more than 1048576 bytes together"):
        columns(data, ["a"])


def test_more_than_ten_thousand_columns_are_refused() -> None:
    table = pa.table({f"c{at}": [at] for at in range(MOST_COLUMNS + 1)})
    with pytest.raises(SourceError, match="has 10,001 columns"):
        columns(parquet(table), ["c0"])


@pytest.mark.parametrize(
    ("compression", "number"), [("none", 0), ("snappy", 1), ("gzip", 2), ("brotli", 4), ("zstd", 6), ("lz4", 7)]
)
def test_the_compression_of_every_column_is_found(compression: str, number: int) -> None:
    table = pa.table({"a": [1, 2], "m": [{"x": [1]}, None], "t": ["x", "y"]})
    data = parquet(table, compression={"a": "snappy", "m.x.list.element": "snappy", "t": compression}, row_group_size=1)
    footer_bytes = int.from_bytes(data[-8:-4], "little")
    assert {chunk.codec for chunk in chunks_of(data[-8 - footer_bytes : -8])} == {1, number}
