"""Reads text that is not taken apart: each line is a row of one column."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import BinaryIO

from cdp_assets.config.file_format import LinesFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.columns import match_header
from cdp_assets.exchange.formats.records import RECORD_BYTES, Gathered
from cdp_assets.exchange.formats.text import TEXT_BYTES, Utf8Text

COLUMN = "_c0"
"""What Spark calls the first column of a file without a header."""


def read_lines(
    stream: BinaryIO, format: LinesFormat, columns: Sequence[str], file: str, optional: Collection[str]
) -> Iterator[Batch | Malformed]:
    """Give each line without its end as the column `_c0`, with the blanks that pad it; empty lines are skipped."""
    places, gathered, row = match_header([COLUMN], columns, optional, file), Gathered(columns), 0
    source = Utf8Text(stream, format.encoding, file)
    for row, line in enumerate(_lines(source, file), 1):
        if gathered.add(row, [None if place is None else line for place in places], len(line)):
            yield from gathered.flush()
    yield from gathered.flush()
    if source.damaged:
        raise source.wrong_encoding(row)
    if not row:
        raise SourceError(file, "is empty", "at least one line")


def _lines(source: Utf8Text, file: str) -> Iterator[str]:
    rest = b""
    while chunk := source.read(TEXT_BYTES):
        lines = (rest + chunk).splitlines(keepends=True)
        rest = lines.pop()
        if len(rest) > RECORD_BYTES:
            raise SourceError(file, f"has a line of more than {RECORD_BYTES} bytes", "one record a line")
        yield from _texts(lines)
    yield from _texts([rest])


def _texts(lines: list[bytes]) -> Iterator[str]:
    return (text for line in lines if (text := line.rstrip(b"\r\n").decode()))
