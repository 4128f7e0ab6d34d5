"""What the delimited reader does with the files that customers send."""

from __future__ import annotations

import csv
import gzip
import io

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from cdp_assets.config.file_format import DelimitedFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import contents
from cdp_assets.exchange.formats import Batch, Malformed, read
from cdp_assets.exchange.formats.columns import MOST_COLUMNS
from cdp_assets.exchange.formats.delimited_body import BLOCK_BYTES, HEADER_BYTES
from cdp_assets.exchange.formats.text import TEXT_BYTES

CSV = DelimitedFormat()
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
TRICKY = st.one_of(TEXT, st.text(st.sampled_from("a\"',;\\\t|\r\n é"), max_size=6))


def parts(data: bytes, columns: list[str], format: DelimitedFormat = CSV, **options: object) -> list[object]:
    return list(read(io.BytesIO(data), format, columns, "in.csv", **options))  # type: ignore[arg-type]


def rows(data: bytes, columns: list[str], format: DelimitedFormat = CSV) -> list[tuple[str | None, ...]]:
    found = []
    for part in parts(data, columns, format):
        assert isinstance(part, Batch), part
        found += list(zip(*(column.to_pylist() for column in part.table.columns), strict=True))
    return found


def numbered(data: bytes, columns: list[str]) -> tuple[dict[int, str], list[Malformed]]:
    good, bad = {}, []
    for part in parts(data, columns):
        if isinstance(part, Malformed):
            bad.append(part)
        else:
            good |= dict(zip(part.rows.tolist(), part.table.column(0).to_pylist(), strict=True))
    return good, bad


def test_quoted_fields_keep_their_line_ends() -> None:
    assert rows(b'id,note\r\n1,"a\r\nb\n\nc"\r\n2,d\r\n', ["note"]) == [("a\r\nb\n\nc",), ("d",)]


def test_rows_with_another_number_of_fields_are_malformed_and_never_stop_the_file() -> None:
    good, bad = numbered(b'id,x\n1,a\n2\n\n3,"q\n",z\n4,d\n5,"e"\n', ["id"])
    assert good == {1: "1", 4: "4", 5: "5"}
    assert bad == [
        Malformed(2, "has 1 field(s) instead of 2"),
        Malformed(3, "has 3 field(s) instead of 2"),
    ]


def test_row_numbers_are_right_over_many_blocks() -> None:
    count = 300_000
    wrong = {1, 2, 77_777, 77_778, 150_000, count - 1, count}
    lines = (f"{n}\n" if n in wrong else f'{n},"padding, padding,\npadding"\n' for n in range(1, count + 1))
    data = ("id,text\n" + "".join(lines)).encode()
    assert len(data) > 2 * BLOCK_BYTES
    good, bad = numbered(data, ["id"])
    assert {part.row for part in bad} == wrong
    assert len(good) == count - len(wrong)
    assert all(int(value) == row for row, value in good.items())


def test_a_file_of_only_malformed_rows_gives_each_of_them() -> None:
    good, bad = numbered(b"id,x\n" + b"1\n" * 10, ["id"])
    assert (good, [part.row for part in bad]) == ({}, list(range(1, 11)))


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind(line_end: str) -> None:
    assert rows(f"id,x{line_end}1,a{line_end}2,b".encode(), ["x"]) == [("a",), ("b",)]


def test_columns_are_matched_whatever_their_case_and_named_as_asked() -> None:
    part = parts(b" E-Mail ,ID\na,1\n", ["id", "e-mail"])[0]
    assert isinstance(part, Batch)
    assert part.table.schema.names == ["id", "e-mail"]
    assert part.table.to_pylist() == [{"id": "1", "e-mail": "a"}]


def test_a_header_may_have_quoted_line_ends_and_a_byte_order_mark() -> None:
    assert rows(b'\xef\xbb\xbf"First\nname",x\nAnn,1\n', ["first\nname"]) == [("Ann",)]


@pytest.mark.parametrize("header", [b"id,name,ID", b"id,id", b'"Name",name '])
def test_duplicate_headers_are_refused(header: bytes) -> None:
    with pytest.raises(SourceError, match="more than once"):
        parts(header + b"\n1,2,3\n", ["id"])


def test_a_trailing_delimiter_in_the_header_is_a_nameless_column() -> None:
    assert rows(b"id,x,,\n1,a,,\n", ["x"]) == [("a",)]


def test_without_a_header_the_columns_are_taken_in_order() -> None:
    assert rows(b"1,a\n2,b\n", ["x", "y"], DelimitedFormat(header=False)) == [("1", "a"), ("2", "b")]


def test_a_header_alone_is_a_file_without_rows() -> None:
    assert parts(b"id,x", ["id"]) == []
    assert parts(b"id,x\r\n\r\n", ["id"]) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_the_byte_order_mark_decides_the_encoding(encoding: str) -> None:
    data = "id,näme\n" + "".join(f"{n},Zoë 🎈\n" for n in range(100_000))
    found = rows(data.encode(encoding), ["NÄME"])
    assert len(found) == 100_000
    assert set(found) == {("Zoë 🎈",)}


def test_a_named_encoding_is_used() -> None:
    assert rows("id\nZoë\n".encode("cp1252"), ["id"], DelimitedFormat(encoding="cp1252")) == [("Zoë",)]


EBCDIC_CODECS = ["cp037", "cp500", "cp1140", "cp273"]


@pytest.mark.parametrize("encoding", EBCDIC_CODECS)
@pytest.mark.parametrize("line_end", ["\n", "\x85", "\r\n"])
def test_files_of_an_as_400_may_end_lines_with_nel(encoding: str, line_end: str) -> None:
    data = line_end.join(["id,name", '1,"O\'Neil, Zoë"', "2,x", ""]).encode(encoding)
    assert rows(data, ["name"], DelimitedFormat(encoding=encoding)) == [("O'Neil, Zoë",), ("x",)]


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp037", "utf-16", "utf-16-be", "shift_jis", "gb18030"])
def test_every_usable_encoding_is_read_over_many_chunks(encoding: str) -> None:
    text = "é" if encoding in ("latin-1", "cp1252", "cp037") else "日本"
    count = TEXT_BYTES // 8
    data = ("id,x\n" + f"1,{text}abc\n" * count).encode(encoding)
    found = rows(data, ["x"], DelimitedFormat(encoding=encoding))
    assert (len(found), set(found)) == (count, {(f"{text}abc",)})


@pytest.mark.parametrize(
    ("data", "row"),
    [
        ("id,x\n1,a\n2,é\n3,b\n".encode("latin-1"), 2),
        ("id,x\n1,a\né,b\n3,b\n".encode("latin-1"), 2),
        ('id,x\n1,"a\nb"\n2\n3,"é\n"\n'.encode("latin-1"), 3),
        (("id,x\n" + "1,a\n" * 2_000_000 + "2,é\n").encode("latin-1"), 2_000_001),
    ],
)
def test_a_wrong_encoding_names_file_and_row(data: bytes, row: int) -> None:
    with pytest.raises(SourceError, match=r"in\.csv, row .*not utf-8") as caught:
        parts(data, ["id"])
    assert caught.value.row == row


def test_utf16_cut_in_the_middle_of_a_character_is_a_wrong_encoding() -> None:
    with pytest.raises(SourceError, match="not utf-16-le") as caught:
        parts("id,x\n1,a\n2,b".encode("utf-16")[:-1], ["id"])
    assert caught.value.row == 2


def test_utf16_without_its_mark_is_named_as_such() -> None:
    with pytest.raises(SourceError, match="UTF-16 without a byte order mark"):
        parts("id,x\n1,a\n".encode("utf-16-le"), ["id"])


def test_a_quote_that_never_closes_is_a_source_error_not_a_huge_field() -> None:
    with pytest.raises(SourceError, match="quote is never closed") as caught:
        parts(b'id,x\n1,a\n2,"b\n' + b"3,c\n" * (BLOCK_BYTES // 2), ["id"])
    assert caught.value.row == 2


@pytest.mark.parametrize("delimiter", ["§", "🎈", "\x01", "^", "\\", " "])
def test_any_character_may_be_the_delimiter(delimiter: str) -> None:
    data = delimiter.join(["id", "näme"]) + "\n" + delimiter.join(["1", f'"a{delimiter}b"']) + "\n"
    format = DelimitedFormat(kind="dsv", delimiter=delimiter)
    assert rows(data.encode(), ["NÄME", "id"], format) == [(f"a{delimiter}b", "1")]


def test_the_character_that_stands_for_another_delimiter_is_refused_in_the_text() -> None:
    with pytest.raises(SourceError, match=r"in\.csv: holds the character U\+001F"):
        parts(b"id\xc2\xa7x\n1\xc2\xa7\x1f\n", ["id"], DelimitedFormat(kind="dsv", delimiter="§"))


def test_without_a_quote_quotes_are_text() -> None:
    assert rows(b'id,x\n1,"a\n2,b"\n', ["x"], DelimitedFormat(quote="", escape="")) == [('"a',), ('b"',)]


def test_without_an_escape_two_quotes_are_two_fields_ends() -> None:
    assert rows(b"id,x\n1,'a, b'\n", ["x"], DelimitedFormat(quote="'", escape="")) == [("a, b",)]


def test_null_values_are_null_unless_they_are_quoted() -> None:
    format = DelimitedFormat(null_values=("NULL", "\\N"))
    assert rows(b'id,x\nNULL,"NULL"\n\\N,null\n,a\n', ["id", "x"], format) == [
        (None, "NULL"),
        (None, "null"),
        ("", "a"),
    ]


def test_lines_before_the_header_are_skipped() -> None:
    data = b'Report, of "\r\n\r\nid,x\r\n1,a\r\n'
    assert rows(data, ["x"], DelimitedFormat(skip_lines=2)) == [("a",)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("length", [HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 1, 12 * TEXT_BYTES - 1, 3_000_000])
def test_a_line_before_the_header_is_skipped_however_long_it_is(length: int, end: bytes) -> None:
    assert rows(b"x" * length + end + b"id\n1\n", ["id"], DelimitedFormat(skip_lines=1)) == [("1",)]


@pytest.mark.parametrize("quote_end", ["", "\r"])
def test_a_quote_that_its_line_does_not_close_spoils_that_line_alone(quote_end: str) -> None:
    data = f'id,x\n1,"a, ""b"""\n2,"c{quote_end}\n3,d"e\n4,"f","\n5,"g"\n'.encode()
    found = parts(data, ["x"], DelimitedFormat(multi_line=False))
    bad = [part for part in found if isinstance(part, Malformed)]
    good = [value for part in found if isinstance(part, Batch) for value in part.table.column(0).to_pylist()]
    assert good == ['a, "b"', 'd"e', "g"]
    assert bad == [Malformed(row, "has a quote that its line does not close") for row in (2, 4)]


def test_lines_with_an_escape_of_their_own_are_told_apart() -> None:
    data = b'id,x\n1,"a\\"b"\n2,"c\\"\n3,d\\,e\n'
    found = parts(data, ["x"], DelimitedFormat(multi_line=False, escape="\\"))
    assert [part.row for part in found if isinstance(part, Malformed)] == [2]
    assert [part.table.column(0).to_pylist() for part in found if isinstance(part, Batch)] == [['a"b', "d,e"]]


def test_ten_thousand_columns_are_read_and_one_more_is_refused() -> None:
    names = [f"c{at}" for at in range(MOST_COLUMNS)]
    line = ",".join(map(str, range(MOST_COLUMNS)))
    data = (",".join(names) + "\n" + f"{line}\n" * 20).encode()
    assert rows(data, [names[-1], names[0]]) == [(str(MOST_COLUMNS - 1), "0")] * 20
    with pytest.raises(SourceError, match=r"in\.csv: has 10,001 columns\. Expected at most 10,000"):
        parts(b"x," + data, ["x"])


def test_a_backslash_may_escape_quotes_and_delimiters() -> None:
    escaped = DelimitedFormat(escape="\\")
    assert rows(b'id,x\n1,"a\\"b"\n2,c\\,d\n3,""\n', ["x"], escaped) == [('a"b',), ("c,d",), ("",)]


@pytest.mark.parametrize("kind", ["tsv", "psv"])
def test_each_kind_has_its_delimiter(kind: str) -> None:
    mark = {"tsv": "\t", "psv": "|"}[kind]
    assert rows(f"id{mark}x\n1{mark}a,b\n".encode(), ["x"], DelimitedFormat(kind=kind)) == [("a,b",)]


def test_an_error_of_the_stream_under_it_passes_unchanged() -> None:
    packed = gzip.compress(b"id,x\n" + b"1,a\n" * BLOCK_BYTES)[:-8]
    opened = contents(io.BytesIO(packed), "in.csv.gz")
    _, stream = next(opened)
    with pytest.raises(SourceError, match=r"^in\.csv\.gz: cannot be unpacked as gzip"):
        list(read(stream, CSV, ["id"], "in.csv"))


def test_reading_can_stop_half_way() -> None:
    reading = read(io.BytesIO(b"id,x\n" + b"1,a\n" * 4_000_000), CSV, ["id"], "in.csv")
    assert isinstance(next(reading), Batch)
    reading.close()  # type: ignore[attr-defined]


@settings(max_examples=150, deadline=None)
@given(
    table=st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(TRICKY, min_size=width, max_size=width), min_size=1, max_size=12)
    ),
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    line_end=st.sampled_from(["\n", "\r\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_reads_what_pythons_csv_writes(
    table: list[list[str]], delimiter: str, quoting: int, line_end: str, encoding: str
) -> None:
    # Python leaves a lone carriage return unquoted then, and cannot read its own file back.
    assume(quoting == csv.QUOTE_ALL or line_end == "\r\n" or not any("\r" in value for row in table for value in row))
    names = [f"c{at}" for at in range(len(table[0]))]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=line_end).writerows([names, *table])
    found = rows(text.getvalue().encode(encoding), names, DelimitedFormat(kind="dsv", delimiter=delimiter))
    assert found == [tuple(row) for row in table]


@settings(max_examples=200, deadline=None)
@given(data=st.one_of(st.binary(max_size=200), st.text(st.sampled_from('a,"\n\r\\\0é'), max_size=80).map(str.encode)))
def test_any_bytes_give_batches_or_malformed_rows_or_a_source_error(data: bytes) -> None:
    seen: list[int] = []
    try:
        for part in read(io.BytesIO(data), DelimitedFormat(header=False), ["a", "b"], "x"):
            seen += [part.row] if isinstance(part, Malformed) else part.rows.tolist()
    except SourceError:
        return
    assert sorted(seen) == np.arange(1, len(seen) + 1).tolist()
