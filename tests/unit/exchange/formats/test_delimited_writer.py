"""How fields are quoted when delimited text is written."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.file_format import DelimitedOutput, QuoteMode
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.formats import write

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
