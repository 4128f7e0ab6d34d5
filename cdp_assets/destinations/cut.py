"""Cuts a stream of rows into the parts of an export: so many rows each, or so many bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

BATCH_ROWS = 65_536
FIRST_ROWS = 256
"""Of a part that is limited by size; from these and twice as many after them is learnt how many bytes a row becomes."""
MARGIN = 1.25
"""By how much the next rows may grow more than those before, in proportion to their size in memory."""
RESERVE = 0.1
"""The share of a file's size that is left for what is written last, such as Parquet's footer."""
BUFFERED_BYTES = 8_192
"""What a writer may have taken and not yet written."""


class Rows:
    """A stream of rows that is taken in pieces of any size, in its order."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self.schema: pa.Schema = reader.schema
        self._batches = iter(reader)
        self._left: pa.RecordBatch | None = None
        self.gone = 0
        """How many rows have been taken or left out."""

    def peek(self, most: int) -> pa.RecordBatch | None:
        """Give the next rows, at most so many, and leave them where they are; nothing at the end."""
        while self._left is None or not self._left.num_rows:
            self._left = next(self._batches, None)
            if self._left is None:
                return None
        return self._left.slice(0, most)

    def drop(self, count: int) -> None:
        """Go on after so many rows, or at the end."""
        while count and (rows := self.peek(count)) is not None and self._left is not None:
            self._left = self._left.slice(rows.num_rows)
            count -= rows.num_rows
            self.gone += rows.num_rows


@dataclass(frozen=True)
class Limit:
    """Where a part ends."""

    rows: int
    size_bytes: int | None = None


def part(rows: Rows, limit: Limit, written: Callable[[], int]) -> pa.RecordBatchReader:
    """Give the next part of a stream as a stream of its own, to be read to its end before the next is asked for.

    Args:
        rows: What is left.
        limit: At least one row is given, however long it is.
        written: Says how many bytes the rows given so far have become.
    """
    taken = _by_rows(rows, limit.rows) if limit.size_bytes is None else _by_size(rows, limit, limit.size_bytes, written)
    return pa.RecordBatchReader.from_batches(rows.schema, taken)


def _by_rows(rows: Rows, most: int) -> Iterator[pa.RecordBatch]:
    while most and (batch := rows.peek(min(most, BATCH_ROWS))) is not None:
        rows.drop(batch.num_rows)
        most -= batch.num_rows
        yield batch


def _by_size(rows: Rows, limit: Limit, most_bytes: int, written: Callable[[], int]) -> Iterator[pa.RecordBatch]:
    """Give batches as long as each, if it grows as those before it have grown, still has room."""
    left, growth, taken, before = limit.rows, 1.0, 0, 0
    most = FIRST_ROWS
    while left and (batch := rows.peek(min(left, most, BATCH_ROWS))) is not None:
        room = most_bytes * (1 - RESERVE) - before - BUFFERED_BYTES
        while batch.num_rows > 1 and _size(batch) * growth * MARGIN > room:
            batch = batch.slice(0, batch.num_rows // 2)
        if taken and _size(batch) * growth * MARGIN > room:
            return
        rows.drop(batch.num_rows)
        left, most, taken = left - batch.num_rows, 2 * most, taken + _size(batch)
        yield batch
        now = written()
        growth = max((now - before) / _size(batch), now / taken)
        before = now


def _size(batch: pa.RecordBatch) -> int:
    return max(1, int(batch.nbytes))
