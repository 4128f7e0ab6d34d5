"""Reads CSV, TSV, PSV and other delimited text, a block at a time."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator, Sequence
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from cdp_assets.config.file_format import DelimitedFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.batch import Batch, Malformed, Rows
from cdp_assets.exchange.formats.columns import match_header
from cdp_assets.exchange.formats.text import Utf8Text

BLOCK_BYTES = 4 << 20
"""What is parsed at once, and so the longest possible record."""

HEADER_BYTES = 1 << 20
"""A header that does not end before this is not a header."""


def read_delimited(
    stream: BinaryIO, format: DelimitedFormat, columns: Sequence[str], file: str, optional: Collection[str]
) -> Iterator[Batch | Malformed]:
    """Give the rows as strings; a row with another number of fields than the header is Malformed.

    An empty field is an empty string; quotes may hold line ends; blank lines are skipped. Without a
    header the file's fields are `columns`, in order. Column names match whatever their case.
    """
    body = _Body(Utf8Text(stream, format.encoding, file))
    if body.blank():
        raise SourceError(file, "is empty", "at least a header" if format.header else "at least one row")
    header = _header(body, format, file) if format.header else list(columns)
    positions = match_header(header, columns, optional, file)
    if not body.blank():
        yield from _Reading(body, format, len(header), columns, positions, file).parts()


class _Body:
    """The text after what has been taken from its front."""

    def __init__(self, text: Utf8Text) -> None:
        self.text, self.front, self.closed = text, b"", False

    def read(self, size: int) -> bytes:
        """Give up to `size` next bytes; none at the end."""
        if self.front:
            taken, self.front = self.front[:size], self.front[size:]
            return taken
        return self.text.read(size)

    def grow(self) -> bool:
        """Look further ahead; say whether there was more."""
        more = self.text.read(BLOCK_BYTES)
        self.front += more
        return bool(more)

    def blank(self) -> bool:
        """Skip line ends; say whether nothing else follows."""
        self.front = self.front.lstrip(b"\r\n")
        while not self.front and self.grow():
            self.front = self.front.lstrip(b"\r\n")
        return not self.front


def _header(body: _Body, format: DelimitedFormat, file: str) -> list[str]:
    while True:
        more = len(body.front) < HEADER_BYTES and body.grow()
        record = _first_record(body.front, format, ended=not more)
        if record is None and more:
            continue
        if record is None:
            raise SourceError(file, "its first record does not end", f"a header below {HEADER_BYTES} bytes")
        fields, size = record
        if body.text.damaged and size == len(body.front):
            raise body.text.wrong_encoding(None)
        if any("\0" in field for field in fields):
            problem = "its header holds zero bytes, as UTF-16 without a byte order mark does"
            raise SourceError(file, problem, "UTF-8, or UTF-16 with its mark, or the format's `encoding`")
        body.front = body.front[size:]
        return fields


def _first_record(front: bytes, format: DelimitedFormat, *, ended: bool) -> tuple[list[str], int] | None:
    """Give the first record's fields and its size in bytes, or None where `front` may not hold it whole."""
    lines = front.splitlines(keepends=True)
    reader = csv.reader(
        (line.decode("utf-8", "replace") for line in lines),
        delimiter=format.separator,
        quotechar=format.quote,
        escapechar=None if format.escape == format.quote else format.escape,
        strict=False,
    )
    try:
        fields = next(reader)
    except (csv.Error, StopIteration):
        return None
    if reader.line_num == len(lines) and not ended:
        return None
    return fields, sum(len(line) for line in lines[: reader.line_num])


class _Reading:
    """One pass over the records of a file."""

    def __init__(
        self,
        body: _Body,
        format: DelimitedFormat,
        width: int,
        columns: Sequence[str],
        positions: Sequence[int | None],
        file: str,
    ) -> None:
        self._body, self._format, self._width, self._file = body, format, width, file
        self._columns, self._positions = columns, positions
        self._bad: list[Malformed] = []
        self._next_row = 1

    def parts(self) -> Iterator[Batch | Malformed]:
        reader = self._open()
        try:
            while (batch := self._read(reader)) is not None:
                yield from self._part(batch)
        finally:
            reader.close()
        yield from self._bad
        if self._body.text.damaged:
            raise self._body.text.wrong_encoding(self._next_row + len(self._bad) - 1)

    def _part(self, batch: pa.RecordBatch) -> Iterator[Batch | Malformed]:
        rows, end = _row_numbers(self._next_row, batch.num_rows, [bad.row for bad in self._bad])
        yield from (bad for bad in self._bad if bad.row < end)
        self._bad = [bad for bad in self._bad if bad.row >= end]
        self._next_row = end
        if batch.num_rows:
            yield Batch(self._named(batch), rows)

    def _named(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        absent = pa.nulls(batch.num_rows, pa.string())
        arrays = [absent if at is None else batch.column(str(at)) for at in self._positions]
        return pa.RecordBatch.from_arrays(arrays, names=list(self._columns))

    def _note(self, row: arrow_csv.InvalidRow) -> str:
        reason = f"has {row.actual_columns} field(s) instead of {row.expected_columns}"
        self._bad.append(Malformed(row.number, reason))
        return "skip"

    def _open(self) -> arrow_csv.CSVStreamingReader:
        names = [str(at) for at in range(self._width)]
        wanted = [str(at) for at in sorted({at for at in self._positions if at is not None})] or names[:1]
        escape = self._format.escape
        try:
            return arrow_csv.open_csv(
                pa.PythonFile(self._body, mode="r"),
                # One thread: row numbers are known only so, and it measures faster (660 against 510 MB/s).
                read_options=arrow_csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES, use_threads=False),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self._format.separator,
                    quote_char=self._format.quote,
                    escape_char=False if escape == self._format.quote else escape,
                    newlines_in_values=True,
                    invalid_row_handler=self._note,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={name: pa.string() for name in wanted},
                    include_columns=wanted,
                    strings_can_be_null=False,
                    check_utf8=False,
                ),
            )
        except (pa.ArrowException, ValueError, TypeError, OSError) as error:
            raise self._unreadable(error) from None

    def _read(self, reader: arrow_csv.CSVStreamingReader) -> pa.RecordBatch | None:
        try:
            return reader.read_next_batch()
        except StopIteration:
            return None
        except (pa.ArrowException, ValueError, OSError) as error:
            raise self._unreadable(error) from None

    def _unreadable(self, error: Exception) -> SourceError:
        """Say what is wrong without the parser's own words, which may quote the file."""
        row = self._next_row + len(self._bad)
        if "straddling" in str(error):
            problem = f"a record is longer than {BLOCK_BYTES} bytes, or a quote is never closed"
            return SourceError(self._file, problem, "shorter records and closed quotes", row)
        problem = f"cannot be read as {self._format.kind} ({type(error).__name__})"
        return SourceError(self._file, problem, "the delimiter, quote and escape of the courier's format", row)


def _row_numbers(first: int, count: int, bad: Sequence[int]) -> tuple[Rows, int]:
    """Give the numbers of `count` good rows from `first` on, and the number after the last of them."""
    skipped = np.asarray(bad, dtype=np.int64)
    end = first + count
    while (reached := first + count + int(np.searchsorted(skipped, end))) != end:
        end = reached
    numbers = np.arange(first, end, dtype=np.int64)
    return np.delete(numbers, skipped[skipped < end] - first), end
