"""How text that an ingest query takes apart is read: a line is one column."""

from __future__ import annotations

import io

import pytest

from cdp_assets.config.file_format import LinesFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import Batch, read
from cdp_assets.exchange.formats.text import TEXT_BYTES


def rows(data: bytes, columns: list[str], **options: str) -> list[tuple[str | None, ...]]:
    found: list[tuple[str | None, ...]] = []
    for part in read(io.BytesIO(data), LinesFormat.model_validate(options), columns, "in.dat", columns[1:]):
        assert isinstance(part, Batch), part
        found += zip(*(column.to_pylist() for column in part.table.columns), strict=True)
    return found


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_line_keeps_its_blanks_quotes_and_delimiters(line_end: str) -> None:
    lines = ['  0001"SMITH,  ', "0002\tJONES|  ", " "]
    assert rows(line_end.join(lines).encode(), ["_c0"]) == [(line,) for line in lines]


def test_lines_are_whole_wherever_the_text_is_cut_for_reading() -> None:
    data = b"x" * (TEXT_BYTES - 1) + b"\r\n\r\n" + b"y" * TEXT_BYTES + b"\nz"
    assert [len(line or "") for (line,) in rows(data, ["_C0"])] == [TEXT_BYTES - 1, TEXT_BYTES, 1]


@pytest.mark.parametrize("line_end", ["\x85", "\n"])
def test_files_of_an_as_400_are_read(line_end: str) -> None:
    data = line_end.join(["0001MÜLLER  ", "0002O'HARA  "]).encode("cp500")
    assert rows(data, ["_c0"], encoding="cp500") == [("0001MÜLLER  ",), ("0002O'HARA  ",)]


def test_another_column_is_absent() -> None:
    assert rows(b"x\n", ["_c0", "_c1"]) == [("x", None)]
    with pytest.raises(SourceError, match=r"in\.dat: has no column `name`"):
        rows(b"x\n", ["name"])


@pytest.mark.parametrize(
    ("data", "problem"),
    [(b"", "is empty"), (b"\n\r\n", "is empty"), (b"a\n\xff\n", "row 2: has bytes that are not utf-8")],
)
def test_what_holds_no_lines_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(SourceError, match=rf"in\.dat.*{problem}"):
        rows(data, ["_c0"])
