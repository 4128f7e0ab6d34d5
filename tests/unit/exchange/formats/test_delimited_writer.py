"""How fields are quoted when delimited text is written."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cdp_assets.config.file_format import DelimitedFormat, DelimitedOutput, QuoteMode
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.formats import Batch, read, write

ROWS = pa.table({"n": pa.array([1, None], pa.int32()), "x": pa.array(["a", None]), "y": pa.array(['q"', ""])})


def written(path: Path, table: pa.Table, **options: object) -> bytes:
    write(path, table, DelimitedOutput.model_validate(options))
    return path.read_bytes()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("minimal", b'n,x,y\n1,a,"q"""\n,,\n'),
        ("all", b'"n","x","y"\n"1","a","q"""\n"","",""\n'),
        ("all_non_null", b'"n","x","y"\n"1","a","q"""\n,,""\n'),
        ("non_numeric", b'"n","x","y"\n1,"a","q"""\n,,""\n'),
    ],
)
def test_each_mode_quotes_what_it_says(mode: QuoteMode, expected: bytes, tmp_path: Path) -> None:
    assert written(tmp_path / "out.csv", ROWS, quote_mode=mode) == expected


def test_without_quotes_a_value_that_needs_them_is_refused_by_column_not_by_value(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="column y") as refused:
        written(tmp_path / "out.csv", ROWS, quote_mode="none")
    assert 'q"' not in str(refused.value)


def test_without_quotes_an_escape_of_its_own_does(tmp_path: Path) -> None:
    table = pa.table({"x": ["a,b", "c\\d"]})
    assert written(tmp_path / "out.csv", table, escape="\\", quote_mode="none", header=False) == b"a\\,b\nc\\\\d\n"


def test_line_ends_and_headers_are_as_configured(tmp_path: Path) -> None:
    table = pa.table({"a": ["1"], "b": ["x\ny"]})
    assert written(tmp_path / "out.csv", table, line_ending="CRLF") == b'a,b\r\n1,"x\ny"\r\n'
    assert written(tmp_path / "out.csv", table, header=False, kind="psv") == b'1|"x\ny"\n'


def test_a_lone_empty_field_is_no_blank_line(tmp_path: Path) -> None:
    assert written(tmp_path / "out.csv", pa.table({"a": ["1", None, ""]})) == b'a\n1\n""\n""\n'


def test_utf_16_has_its_mark_once(tmp_path: Path) -> None:
    table = pa.table({"a": pa.chunked_array([["é"], ["漢🙂"]])})
    data = written(tmp_path / "out.csv", table, encoding="utf-16")
    assert data.startswith(codecs.BOM_UTF16)
    assert data.decode("utf-16") == "a\né\n漢🙂\n"


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("minimal", b'1,a,"q"""\nNULL,"NULL",\n'),
        ("all", b'"1","a","q"""\n"NULL","NULL",""\n'),
        ("all_non_null", b'"1","a","q"""\nNULL,"NULL",""\n'),
        ("non_numeric", b'1,"a","q"""\nNULL,"NULL",""\n'),
    ],
)
def test_a_null_value_is_told_from_a_text_that_says_the_same(mode: QuoteMode, expected: bytes, tmp_path: Path) -> None:
    table = pa.table({"n": pa.array([1, None]), "x": ["a", "NULL"], "y": ['q"', ""]})
    assert written(tmp_path / "out.csv", table, quote_mode=mode, header=False, null_value="NULL") == expected


@pytest.mark.parametrize("delimiter", [";", "§", "\x01", "~"])
def test_any_character_may_part_the_fields(delimiter: str, tmp_path: Path) -> None:
    table = pa.table({"a": [f"x{delimiter}y", "'z'"], "b": ["1", "2"]})
    data = written(tmp_path / "out.txt", table, kind="dsv", delimiter=delimiter, quote="'", escape="'")
    found = list(csv.reader(io.StringIO(data.decode(), newline=""), delimiter=delimiter, quotechar="'"))
    assert found == [["a", "b"], [f"x{delimiter}y", "1"], ["'z'", "2"]]


FIELDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
DIALECTS = st.fixed_dictionaries(
    {
        "quote_mode": st.sampled_from(["minimal", "all", "all_non_null", "non_numeric"]),
        "line_ending": st.sampled_from(["LF", "CRLF"]),
        "kind": st.sampled_from(["csv", "tsv", "psv"]),
        "escape": st.sampled_from(['"', "\\"]),
        "encoding": st.sampled_from(["utf-8", "utf-16"]),
    }
)


@given(rows=st.lists(st.tuples(FIELDS, FIELDS), min_size=1, max_size=10), options=DIALECTS)
def test_pythons_csv_reads_what_is_written(
    rows: list[tuple[str, str]], options: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "out.csv"
    data = written(path, pa.table({"a": [a for a, _ in rows], "b": [b for _, b in rows]}), **options)
    has_escape = options["escape"] != '"'
    reader = csv.reader(
        io.StringIO(data.decode(options["encoding"]), newline=""),
        delimiter={"csv": ",", "tsv": "\t", "psv": "|"}[options["kind"]],
        escapechar=options["escape"] if has_escape else None,
        doublequote=not has_escape,
    )
    assert list(reader)[1:] == [list(row) for row in rows]


OPTIONS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from([",", "\t", "|", ";", "§", "\x01"]),
        "quote": st.sampled_from(['"', "'"]),
        "escape": st.sampled_from(['"', "'", "\\"]),
        "quote_mode": st.sampled_from(["minimal", "all", "all_non_null", "non_numeric", "none"]),
        "line_ending": st.sampled_from(["LF", "CRLF"]),
        "encoding": st.sampled_from(["utf-8", "utf-16"]),
        "header": st.booleans(),
        "null_value": st.sampled_from(["", "NULL"]),
        "row_number": st.sampled_from([None, "row_number"]),
    }
)
CELLS = st.none() | st.sampled_from(
    ["", "NULL", "a", "'", '"', "\\", "a,b", "§|;", "é漢🙂", "x\ny", "\r\n", "\x01", " b "]
)


@settings(max_examples=300)
@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5), options=OPTIONS)
def test_what_is_written_with_any_options_is_read_back_with_the_same(
    rows: list[tuple[str | None, ...]], options: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """NULL too, where it has a word of its own and is not quoted like a text that says the same."""
    assume(options["escape"] in (options["quote"], "\\"))
    path = tmp_path_factory.getbasetemp() / "out.txt"
    table = pa.table({name: pa.array([row[at] for row in rows], pa.string()) for at, name in enumerate("ab")})
    if options["quote_mode"] == "none" and options["escape"] == options["quote"]:
        special = {options["delimiter"], options["quote"], "\r", "\n"}
        assume(not any(special & set(cell or "") for row in rows for cell in row))  # else it is refused
    written(path, table, kind="dsv", **options)
    told = {name: options[name] for name in ("delimiter", "quote", "escape", "header")}
    told |= {"null_values": [options["null_value"]] if options["null_value"] else []}
    if options["quote_mode"] == "none":
        told["quote"], told["escape"] = "", "\\" if options["escape"] == "\\" else ""
    columns = ["a", "b", "row_number"] if options["row_number"] else ["a", "b"]
    with path.open("rb") as stream:
        parts = list(read(stream, DelimitedFormat(kind="dsv", **told), columns, "out.txt"))
    found = [
        row
        for part in parts
        if isinstance(part, Batch)
        for row in zip(*map(pa.Array.to_pylist, part.table.columns), strict=True)
    ]
    if options["row_number"]:
        assert [row[2] for row in found] == [str(number) for number in range(1, len(rows) + 1)]
    is_told_apart = bool(options["null_value"]) and options["quote_mode"] not in ("all", "none")
    same = (
        (lambda cell: cell) if is_told_apart else (lambda cell: None if cell in ("", options["null_value"]) else cell)
    )
    assert [tuple(map(same, row[:2])) for row in found] == [tuple(map(same, row)) for row in rows]
