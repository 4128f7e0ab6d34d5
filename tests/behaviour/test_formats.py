"""What every file format does: what is written is read back, and every kind is known on both sides."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pyarrow as pa
import pytest
from pydantic import TypeAdapter

from cdp_assets.config.file_format import FileFormat, OutputFormat
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.formats import READERS, WRITERS, Batch, read, write

OUTPUT: TypeAdapter[OutputFormat] = TypeAdapter(OutputFormat)
INPUT: TypeAdapter[FileFormat] = TypeAdapter(FileFormat)
TRICKY = ["plain", "a,b", 'say "x"', "tab\there", "pipe|here", "line\nend", "\r\n", "é漢🙂", " spaces ", "\\", "'"]


def kinds(union: Any) -> set[str]:
    """Give every tag of a union of formats."""
    members = get_args(get_args(union)[0])
    return {tag for member in members for tag in get_args(member.model_fields["kind"].annotation)}


def read_back(path: Path, kind: str, columns: list[str]) -> list[tuple[Any, ...]]:
    found: list[tuple[Any, ...]] = []
    with path.open("rb") as stream:
        for part in read(stream, INPUT.validate_python({"kind": kind}), columns, path.name):
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
    assert write(path, table, OUTPUT.validate_python({"kind": kind})) == len(TRICKY)
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
    write(path, table, OUTPUT.validate_python({"kind": kind}))
    (row,) = read_back(path, kind, list(values))
    expected = [value if kind == "parquet" else text for _, value, text in values.values()]
    assert [cell or None for cell in row] == expected


@pytest.mark.parametrize("kind", WRITERS)
def test_a_table_of_many_batches_is_whole_and_in_order(kind: str, tmp_path: Path) -> None:
    path, size = tmp_path / "out", 200_000
    assert (
        write(path, pa.table({"n": pa.array(range(size)), "x": ["x"] * size}), OUTPUT.validate_python({"kind": kind}))
        == size
    )
    assert [int(n) for (n,) in read_back(path, kind, ["n"])] == list(range(size))


@pytest.mark.parametrize("kind", WRITERS)
def test_another_reader_finds_the_same_rows(kind: str, tmp_path: Path) -> None:
    """Polars stands for whoever receives the file."""
    path = tmp_path / "out"
    write(
        path, pa.table({"n": [str(n) for n in range(len(TRICKY))], "x": TRICKY}), OUTPUT.validate_python({"kind": kind})
    )
    if kind == "parquet":
        found = pl.read_parquet(path)
    elif kind == "ndjson":
        found = pl.read_ndjson(path)
    else:
        separator = {"csv": ",", "tsv": "\t", "psv": "|"}[kind]
        found = pl.read_csv(path, separator=separator, infer_schema=False)
    assert found["x"].to_list() == TRICKY


@pytest.mark.parametrize("kind", WRITERS)
def test_a_table_without_rows_is_a_file_with_its_columns_at_most(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "out"
    assert write(path, pa.table({"a": pa.array([], pa.string())}), OUTPUT.validate_python({"kind": kind})) == 0
    if kind == "ndjson":
        assert path.read_bytes() == b""
    else:
        assert read_back(path, kind, ["a"]) == []


@pytest.mark.parametrize("kind", WRITERS)
def test_a_folder_that_is_not_there_is_a_delivery_error(kind: str, tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match=r"out: cannot be written"):
        write(tmp_path / "absent" / "out", pa.table({"a": ["x"]}), OUTPUT.validate_python({"kind": kind}))
