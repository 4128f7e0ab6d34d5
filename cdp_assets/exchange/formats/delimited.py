"""Reads CSV, TSV, PSV and other delimited text, a block at a time."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from cdp_assets.config.file_format import DelimitedFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.batch import Batch, Malformed, Rows
from cdp_assets.exchange.formats.columns import match_header
from cdp_assets.exchange.formats.delimited_body import BLOCK_BYTES, UNCLOSED, Body, opened, read_header
from cdp_assets.exchange.formats.text import Utf8Text


def read_delimited(
    stream: BinaryIO, format: DelimitedFormat, columns: Sequence[str], file: str, optional: Collection[str]
) -> Iterator[Batch | Malformed]:
    """Give the rows as strings; a row with another number of fields than the header is Malformed.

    An empty field is an empty string, one of the format's null values is null; quotes may hold line ends, unless
    the format says otherwise; blank lines are skipped. Without a header the file's fields are `columns`, in
    order. Column names match whatever their case.
    """
    body = opened(stream, format, file)
    header = read_header(body, format, file) if format.header else list(columns)
    yield from _records(body, format, header, columns, optional, file)


def read_delimited_piece(
    piece: BinaryIO,
    front: BinaryIO,
    format: DelimitedFormat,
    columns: Sequence[str],
    file: str,
    optional: Collection[str],
    *,
    is_first: bool,
    is_last: bool,
) -> Iterator[Batch | Malformed]:
    """Give the rows of a piece of a file (`cut.piece_of`), numbered from 1; `front` is the file from its beginning.

    Raises SourceError, beside the reasons of `read_delimited`, where the piece ends inside a record: a line of our own
    is put behind it, which is a row by itself only where no quote is open and no escape takes its line end.
    """
    body = opened(piece if is_first else front, format, file)
    header = read_header(body, format, file) if format.header else list(columns)
    if not is_first:
        body = Body(Utf8Text(piece, format.encoding, file), format, file)
    mark = "" if is_last else f"\x00{uuid.uuid4().hex}"
    body.tail = f"\n{mark}{len(header) * body.delimiter}\n".encode() if mark else b""
    yield from _records(body, format, header, columns, optional, file, mark, is_first=is_first)


def _records(
    body: Body,
    format: DelimitedFormat,
    header: Sequence[str],
    columns: Sequence[str],
    optional: Collection[str],
    file: str,
    mark: str = "",
    *,
    is_first: bool = True,
) -> Iterator[Batch | Malformed]:
    positions = match_header(header, columns, optional, file)
    if not body.blank():
        if not is_first:
            body.front = b"\n" + body.front  # else Arrow takes a byte order mark here for the text's own
        yield from _Reading(body, format, len(header), columns, positions, file, mark).parts()


class _Reading:
    """One pass over the records of a file, or of a piece that a row with a mark must end."""

    def __init__(
        self,
        body: Body,
        format: DelimitedFormat,
        width: int,
        columns: Sequence[str],
        positions: Sequence[int | None],
        file: str,
        mark: str,
    ) -> None:
        self._body, self._format, self._width, self._file = body, format, width, file
        self._mark, self._is_marked = mark, False
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
        if self._mark and not self._is_marked:
            raise SourceError(self._file, "a piece of it ends inside a record", "a reading in one piece")

    def _part(self, batch: pa.RecordBatch) -> Iterator[Batch | Malformed]:
        rows, end = _row_numbers(self._next_row, batch.num_rows, [bad.row for bad in self._bad])
        yield from (bad for bad in self._bad if bad.row < end)
        self._bad = [bad for bad in self._bad if bad.row >= end]
        self._next_row = end
        if batch.num_rows:
            yield Batch(self._named(batch), rows)

    def _named(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        absent = pa.nulls(batch.num_rows, pa.string())
        arrays = [absent if at is None else self._spelled(batch.column(str(at))) for at in self._positions]
        return pa.RecordBatch.from_arrays(arrays, names=list(self._columns))

    def _spelled(self, column: pa.Array) -> pa.Array:
        """Give a column with the delimiters that stood in its quotes, where another character stood for them."""
        delimiter = self._format.separator
        return (
            column
            if delimiter == self._body.delimiter
            else pc.replace_substring(column, self._body.delimiter, delimiter)
        )

    def _note(self, row: arrow_csv.InvalidRow) -> str:
        if self._mark and row.text.startswith(self._mark):
            self._is_marked = True
            return "skip"
        reason = f"has {row.actual_columns} field(s) instead of {row.expected_columns}"
        if row.text.startswith(UNCLOSED):
            reason = "has a quote that its line does not close"
        self._bad.append(Malformed(row.number, reason))
        return "skip"

    def _open(self) -> arrow_csv.CSVStreamingReader:
        names = [str(at) for at in range(self._width)]
        wanted = [str(at) for at in sorted({at for at in self._positions if at is not None})] or names[:1]
        format = self._format
        try:
            return arrow_csv.open_csv(
                pa.PythonFile(self._body, mode="r"),
                # One thread: row numbers are known only so, and it measures faster (660 against 510 MB/s).
                read_options=arrow_csv.ReadOptions(column_names=names, block_size=BLOCK_BYTES, use_threads=False),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self._body.delimiter,
                    quote_char=format.quote or False,
                    double_quote=bool(format.escape),
                    escape_char=False if format.escape in ("", format.quote) else format.escape,
                    newlines_in_values=True,
                    invalid_row_handler=self._note,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    column_types={name: pa.string() for name in wanted},
                    include_columns=wanted,
                    null_values=list(format.null_values),
                    strings_can_be_null=bool(format.null_values),
                    quoted_strings_can_be_null=False,
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
