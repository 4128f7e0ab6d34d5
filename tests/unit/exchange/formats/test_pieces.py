"""A file that is read in pieces gives what it gives in one, or says that it must be read in one."""

from __future__ import annotations

import io
import itertools
import random
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_assets.config.file_format import DelimitedFormat, FileFormat, NdjsonFormat, ParquetFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import Batch, Malformed, read
from cdp_assets.exchange.formats.delimited_body import BLOCK_BYTES
from cdp_assets.exchange.formats.pieces import Piece, read_piece
from cdp_assets.exchange.locations.pinned import PinnedObject

CSV, NDJSON = DelimitedFormat(), NdjsonFormat()
FORMATS = (
    CSV,
    DelimitedFormat(multi_line=False),
    DelimitedFormat(escape="\\"),
    DelimitedFormat(escape="\\", multi_line=False),
    DelimitedFormat(quote=""),
    DelimitedFormat(header=False),
    DelimitedFormat(kind="dsv", delimiter="¦"),
)
COLUMNS = ["a", "b"]
Row = tuple[int, Any]


def stored(data: bytes) -> PinnedObject:
    """Give an object with this content, which notices whoever reads beyond it."""

    def part(start: int, length: int) -> bytes:
        assert 0 <= start <= start + length <= len(data)
        return data[start : start + length]

    return PinnedObject("store/in.csv", len(data), part)


def rows(parts: Iterable[Batch | Malformed]) -> Iterator[Row]:
    """Give each row's number and its values, or why it has none."""
    for part in parts:
        if isinstance(part, Malformed):
            yield part.row, part.reason
        else:
            yield from zip(part.rows.tolist(), (tuple(row.values()) for row in part.table.to_pylist()), strict=True)


def whole(data: bytes, format: FileFormat = CSV) -> list[Row]:
    """Give the rows of a file that is read in one."""
    return sorted(rows(read(io.BytesIO(data), format, COLUMNS, "in.csv")))


def in_pieces(data: bytes, cuts: Iterable[int], format: FileFormat = CSV) -> list[Row]:
    """Give the rows of a file that is cut at these places."""
    ends, found, before = [0, *cuts, len(data)], [], 0
    for start, end in itertools.pairwise(ends):
        piece = Piece(start, end, is_last=end == len(data))
        of_piece = list(rows(read_piece(stored(data), piece, format, COLUMNS, "in.csv")))
        found += [(row + before, values) for row, values in of_piece]
        before += max((row for row, _ in of_piece), default=0)
    return sorted(found)


PLAIN = b"a,b\r\n" + b"".join(b"%d,x%d\r\n" % (n, n) for n in range(9))


@pytest.mark.parametrize("at", range(6, len(PLAIN)))
def test_a_cut_anywhere_changes_nothing(at: int) -> None:
    """Also within a line, before or inside its CRLF, with the header in the first piece only, and behind a mark."""
    assert in_pieces(PLAIN, [at]) == whole(PLAIN)
    marked = b"\xef\xbb\xbf" + PLAIN
    assert in_pieces(marked, [at + 3]) == whole(marked)


def test_a_line_longer_than_a_piece_is_read_by_the_piece_that_it_begins_in() -> None:
    data = b"a,b\n1," + 50 * b"x" + b"\n2,y\n"
    assert in_pieces(data, range(10, 50, 10)) == whole(data) == [(1, ("1", 50 * "x")), (2, ("2", "y"))]


@pytest.mark.parametrize("over", [0, 1, 50])
def test_a_piece_may_end_a_little_after_a_block_that_is_parsed_at_once(over: int) -> None:
    data = b"a,b\n" + b"".join(b"%d,%s\n" % (row, 900 * b"x") for row in range(10_000))
    assert in_pieces(data, [BLOCK_BYTES + over]) == whole(data)


@pytest.mark.parametrize("format", [CSV, DelimitedFormat(escape="\\")])
def test_a_record_that_goes_on_over_a_cut_is_noticed(format: DelimitedFormat) -> None:
    """Within quotes, also where what follows looks like a record; a cut elsewhere in the same file does no harm."""
    data = b'a,b\n1,"x\n2,y\n"\n3,z\n'
    with pytest.raises(SourceError, match="ends inside a record"):
        in_pieces(data, [data.index(b"\n2")], format)
    after = data.index(b"\n3")
    assert in_pieces(data, [after], format) == whole(data, format) == [(1, ("1", "x\n2,y\n")), (2, ("3", "z"))]


def test_a_line_end_that_is_escaped_at_a_cut_is_noticed() -> None:
    escaped = DelimitedFormat(escape="\\", multi_line=False)
    with pytest.raises(SourceError, match="ends inside a record"):
        in_pieces(b"a,b\n1,x\\\n2\n3,y\n", [8], escaped)


def test_a_quote_that_its_line_does_not_close_spoils_that_line_alone_where_quotes_hold_no_line_ends() -> None:
    format, data = DelimitedFormat(multi_line=False), b'a,b\n1,"x\n2,y\n3,z\n'
    assert in_pieces(data, [8], format) == whole(data, format)


@pytest.mark.parametrize("seed", range(400))
def test_hostile_text_gives_the_same_or_is_to_be_read_in_one(seed: int) -> None:
    """Never other rows, whatever is quoted, escaped or blank where it is cut."""
    chance = random.Random(seed)
    format = chance.choice(FORMATS)
    sep = format.separator
    alphabet = ["a", '"', "\n", sep, "\r\n", "\\", '""', "\ufeff", f"b{sep}c\n", f'"{sep}\n"', f"{sep}\n"]
    lines = "".join(chance.choice(alphabet) for _ in range(40))
    data = (f"a{sep}b\n" * format.header + f"a{sep}b\n" + lines).encode()
    cuts = sorted({chance.randrange(9, len(data)) for _ in range(3)})
    try:
        found = in_pieces(data, cuts, format)
    except SourceError:
        return
    assert found == whole(data, format)


def test_most_hostile_text_can_be_read_in_pieces() -> None:
    """Else the test above would show nothing."""
    data = b'a,b\n"""",x\n' + b'1,"y,\n"\n' * 20
    read_apart = 0
    for at in range(5, len(data)):
        try:
            read_apart += in_pieces(data, [at]) == whole(data)
        except SourceError:
            continue
    assert len(data) / 5 < read_apart < len(data)


def test_lines_of_json_are_cut_at_line_ends_and_nowhere_else() -> None:
    data = b'{"a": "1\\n2", "b": 1}\r\n\nno json\n{"a": null, "b": "\xc3\xa9"}\n{"a": 3, "b": 4}'
    assert all(in_pieces(data, [at], NDJSON) == whole(data, NDJSON) for at in range(1, len(data) - 16))


@pytest.mark.parametrize("data", ["a,b\n1,2\n3,4\n".encode("utf-16"), "a,b\n1,2\n3,4\n".encode("utf-16-be")])
def test_a_text_whose_line_ends_are_not_single_bytes_is_in_its_first_piece(data: bytes) -> None:
    """By its mark, or by what the format says."""
    format = CSV if data.startswith(b"\xff\xfe") else DelimitedFormat(encoding="utf-16-be")
    assert list(rows(read_piece(stored(data), Piece(8, 16, is_last=False), format, COLUMNS, "in.csv"))) == []
    assert in_pieces(data, [8, 16], format) == whole(data, format) == [(1, ("1", "2")), (2, ("3", "4"))]


@pytest.mark.parametrize(("data", "what"), [(b"\x1f\x8b\x08", "gzip"), (b"PK\x03\x04", "a zip archive")])
def test_what_is_packed_is_refused_with_what_would_be_right(data: bytes, what: str) -> None:
    piece = Piece(0, len(data), is_last=True)
    with pytest.raises(SourceError, match=rf"in\.csv: is {what}\. Expected plain files .* to be landed first"):
        list(read_piece(stored(data), piece, CSV, COLUMNS, "in.csv"))


def parquet(groups: int) -> bytes:
    """Give a file with so many row groups of ten rows, and a column that nobody asks for."""
    table = pa.table(
        {"a": list(range(10 * groups)), "b": ["x"] * 10 * groups, "c": [random.Random(1).randbytes(400)] * 10 * groups}
    )
    made = io.BytesIO()
    pq.write_table(table, made, row_group_size=10, use_dictionary=False)
    return made.getvalue()


@pytest.mark.parametrize("count", [1, 2, 7, 40])
def test_each_row_group_of_parquet_is_in_one_piece(count: int) -> None:
    data = parquet(4)
    cuts = [len(data) * at // count for at in range(1, count)]
    assert in_pieces(data, cuts, ParquetFormat()) == whole(data, ParquetFormat())
    assert len(whole(data, ParquetFormat())) == 40
