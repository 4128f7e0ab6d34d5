"""What every file format does: what is written is read back, and every kind is known on both sides."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pyarrow as pa
import pytest
from pydantic import TypeAdapter

from cdp_assets.config.file_format import FileFormat, OutputFormat
from cdp_assets.errors import DeliveryError, SourceError
from cdp_assets.exchange.codecs.limits import LIMITS
from cdp_assets.exchange.formats import READERS, WRITERS, Batch, Malformed, read, write

OUTPUT: TypeAdapter[OutputFormat] = TypeAdapter(OutputFormat)
INPUT: TypeAdapter[FileFormat] = TypeAdapter(FileFormat)
NEEDED = {"dsv": {"delimiter": ";"}}
TRICKY = ["plain", "a,b", 'say "x"', "tab\there", "pipe|here", "line\nend", "\r\n", "é漢🙂", " spaces ", "\\", "'"]


def kinds(union: Any) -> set[str]:
    """Give every tag of a union of formats."""
    members = get_args(get_args(union)[0])
    return {tag for member in members for tag in get_args(member.model_fields["kind"].annotation)}


def output(kind: str) -> OutputFormat:
    """Give a kind's format with what it cannot do without."""
    return OUTPUT.validate_python({"kind": kind, **NEEDED.get(kind, {})})


def read_back(path: Path, kind: str, columns: list[str]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    with path.open("rb") as stream:
        for part in read(stream, INPUT.validate_python({"kind": kind, **NEEDED.get(kind, {})}), columns, path.name):
            assert isinstance(part, Batch), part
            found += zip(*(column.to_pylist() for column in part.table.columns), strict=True)
    return found


def test_every_kind_that_can_be_configured_is_read_or_written() -> None:
    assert kinds(FileFormat) == set(READERS)
    assert kinds(OutputFormat) == set(WRITERS)
    assert set(WRITERS) <= set(READERS)


@pytest.mark.parametrize("kind", WRITERS)
def test_text_of_every_sort_is_read_back(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    table = pa.table({"id": [str(n) for n in range(len(TRICKY))], "note, or not": TRICKY})
    assert write(path, table, output(kind)) == len(TRICKY)
    assert read_back(path, kind, ["note, or not", "id"]) == [(text, str(n)) for n, text in enumerate(TRICKY)]


@pytest.mark.parametrize("kind", WRITERS)
def test_typed_values_keep_their_meaning(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    at = dt.datetime(2026, 11, 20, 23, 30, 0, 120_000, tzinfo=dt.UTC)
    values = {
        "count": (pa.int64(), 9_007_199_254_740_993, "9007199254740993"),
        "amount": (pa.decimal128(38, 10), Decimal("0.0000000100"), "0.0000000100"),
        "ratio": (pa.float64(), 0.1, "0.1"),
        "known": (pa.bool_(), True, "true"),
        "day": (pa.date32(), dt.date(2026, 2, 28), "2026-02-28"),
        "at": (pa.timestamp("us", "UTC"), at, "2026-11-20T23:30:00.120000Z"),
        "nothing": (pa.string(), None, None),
    }
    table = pa.table({name: pa.array([value], type_) for name, (type_, value, _) in values.items()})
    write(path, table, output(kind))
    (row,) = read_back(path, kind, list(values))
    expected = [value if kind == "parquet" else text for _, value, text in values.values()]
    assert [cell or None for cell in row] == expected


@pytest.mark.parametrize("kind", WRITERS)
def test_a_table_of_many_batches_is_whole_and_in_order(kind: str, tmp_path: Path) -> None:
    path, size = tmp_path / "out", 200_000
    assert write(path, pa.table({"n": pa.array(range(size)), "x": ["x"] * size}), output(kind)) == size
    assert [int(n) for (n,) in read_back(path, kind, ["n"])] == list(range(size))


@pytest.mark.parametrize("kind", WRITERS)
def test_another_reader_finds_the_same_rows(kind: str, tmp_path: Path) -> None:
    """Polars stands for whoever receives the file."""
    path = tmp_path / "out"
    write(path, pa.table({"n": [str(n) for n in range(len(TRICKY))], "x": TRICKY}), output(kind))
    if kind == "parquet":
        found = pl.read_parquet(path)
    elif kind == "ndjson":
        found = pl.read_ndjson(path)
    elif kind == "json":
        found = pl.read_json(path)
    else:
        separator = {"csv": ",", "tsv": "\t", "psv": "|", "dsv": ";"}[kind]
        found = pl.read_csv(path, separator=separator, infer_schema=False)
    assert found["x"].to_list() == TRICKY


@pytest.mark.parametrize("kind", WRITERS)
def test_a_table_without_rows_is_a_file_with_its_columns_at_most(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert write(path, pa.table({"a": pa.array([], pa.string())}), output(kind)) == 0
    if kind == "ndjson":
        assert path.read_bytes() == b""
    elif kind == "json":
        assert json.loads(path.read_bytes()) == []
    else:
        assert read_back(path, kind, ["a"]) == []


@pytest.mark.parametrize("kind", WRITERS)
def test_a_folder_that_is_not_there_is_a_delivery_error(kind: str, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"out: cannot be written"):
        write(tmp_path / "absent" / "out", pa.table({"a": ["x"]}), output(kind))


@pytest.mark.parametrize("kind", WRITERS)
def test_rows_are_numbered_in_a_last_column_where_wanted(kind: str, tmp_path: Path) -> None:
    path, wanted = tmp_path / "out", output(kind).model_copy(update={"row_number": "row_number"})
    table = pa.table({"a": pa.chunked_array([["x", "y"], ["z"]])})
    write(path, table, wanted, rows_before=50_000)
    assert [int(n) for (n,) in read_back(path, kind, ["row_number"])] == [50_001, 50_002, 50_003]
    with pytest.raises(DeliveryError, match=r"column Row_Number: the rows have one already"):
        write(path, pa.table({"row_number": ["x"]}), wanted.model_copy(update={"row_number": "Row_Number"}))


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\xff\xfe\x00", b"PAR1PAR1", b"Obj\x01\x02", b"[{", b"<a", b"\x9f\xa1"]
)
def test_what_is_no_file_of_a_kind_is_a_source_error_or_rows(kind: str, data: bytes) -> None:
    """Whatever comes, a reader gives rows, refuses rows, or refuses the file by its name."""
    format = INPUT.validate_python({"kind": kind, **NEEDED.get(kind, {})})
    found: list[Batch | Malformed | SourceError] = []
    try:
        found += read(io.BytesIO(data), format, ["_c0"], "in.bin")
    except SourceError as error:
        found.append(error)
    assert {one.file for one in found if isinstance(one, SourceError)} <= {"in.bin"}
    assert found


@pytest.mark.parametrize("kind", READERS)
def test_a_file_above_the_documented_limit_is_refused_unread(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "big"
    with path.open("wb") as file:
        file.truncate(LIMITS.size_bytes + 1)
    format = INPUT.validate_python({"kind": kind, **NEEDED.get(kind, {})})
    with path.open("rb") as stream, pytest.raises(SourceError, match=r"big: has 10,000,000,001 bytes"):
        read(stream, format, ["a"], "big")
