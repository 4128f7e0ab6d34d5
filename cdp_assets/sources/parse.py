"""Reads a landed file as typed records of its feed, batch by batch, and keeps account of what it refuses."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from cdp_assets.config.courier import CourierFile
from cdp_assets.config.feed import Feed, FeedField
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import Keyring, contents
from cdp_assets.exchange.formats import Batch, Malformed, read
from cdp_assets.sources import key
from cdp_assets.sources.times import Times
from cdp_assets.sources.values import Typed, arrow_type, typed
from cdp_assets.state.loads import Reject

MOST_REJECTS_KEPT = 10_000
WORKERS = 2
"""Columns that are read side by side."""


def table_schema(feed: Feed) -> pa.Schema:
    """Give the domain table's columns: the feed's fields, then `_pk`, `_uuid_pk` and `_updated`."""
    fields = [pa.field(one.name, arrow_type(one)) for one in feed.fields]
    generated = [(key.PK, pa.string()), (key.UUID_PK, pa.string()), (key.UPDATED, pa.int64())]
    return pa.schema([*fields, *(pa.field(name, kind) for name, kind in generated)])


@dataclass
class Account:
    """What was read and refused so far; `rejects` holds the first ten thousand, rows counted per member file."""

    rows_read: int = 0
    rows_rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)

    def reject(self, rejects: Iterable[Reject], count: int) -> None:
        """Note so many refused rows; of a flood only the first are looked at."""
        self.rows_rejected += count
        self.rejects += itertools.islice(rejects, max(0, MOST_REJECTS_KEPT - len(self.rejects)))

    def first(self) -> Reject:
        """Give the refused row that comes first in the first file with one."""
        return min((one for one in self.rejects if one.file == self.rejects[0].file), key=lambda one: one.row)


@dataclass(frozen=True, eq=False)
class Records:
    """Good records: the feed's columns and `_pk`, a 128-bit digest of each one's key, and its `_updated`."""

    table: pa.RecordBatch
    digests: key.Words
    updated: npt.NDArray[np.int64]


class Parser:
    """Reads one landed file for one feed."""

    def __init__(
        self,
        feed: Feed,
        kind: CourierFile,
        *,
        file: str,
        sequence: int,
        deleted: Sequence[str],
        keyring: Keyring | None = None,
    ) -> None:
        self.feed, self.kind, self.file, self.sequence = feed, kind, file, sequence
        self.keyring = keyring
        self.deleted = deleted
        self.schema, self.account = table_schema(feed), Account()
        self._times = {one.name: Times() for one in feed.fields}
        self._rows_before = 0

    def records(self, path: Path) -> Iterator[Records]:
        """Give the file's good records in order; raises SourceError when the file as a whole cannot be used.

        Required columns, the key's and the last-updated field's must exist; another one that the file lacks is
        NULL in every row.
        """
        with self._opened(path) as files, self._workers() as workers:
            for name, content in files:
                parts = read(content, self.kind.format, self.columns, name, self.optional)
                yield from self._records(name, parts, workers)

    def records_of(self, parts: Iterable[Batch | Malformed]) -> Iterator[Records]:
        """Give the good records among rows that were read already, in order."""
        with self._workers() as workers:
            yield from self._records(self.file, parts, workers)

    @property
    def columns(self) -> list[str]:
        """What is looked for in the file."""
        return list(dict.fromkeys(one.incoming for one in self.feed.fields))

    @property
    def optional(self) -> list[str]:
        """Those of the columns that the file may lack."""
        needed = {one.incoming for one in self.feed.fields if self._is_required(one) or self._tells_time(one)}
        return [column for column in self.columns if column not in needed]

    @property
    def rows(self) -> int:
        """How many data rows there were, bad ones too."""
        return self._rows_before

    @property
    def left_out(self) -> dict[str, str | None]:
        """What has been decided of each column's dates (`Times.left_out`)."""
        return {name: times.left_out for name, times in self._times.items()}

    def _workers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(WORKERS, thread_name_prefix="parse")

    def _records(self, name: str, parts: Iterable[Batch | Malformed], workers: ThreadPoolExecutor) -> Iterator[Records]:
        last = 0
        for part in parts:
            if isinstance(part, Malformed):
                self.account.rows_read += 1
                self.account.reject([Reject(name, part.row, None, part.reason)], 1)
                last = max(last, part.row)
            elif part.table.num_rows:
                self.account.rows_read += part.table.num_rows
                last = max(last, int(part.rows[-1]))
                yield self._typed(part, name, workers)
        self._rows_before += last

    @contextlib.contextmanager
    def _opened(self, path: Path) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
        """Open a landed file and what it is wrapped in; what the disk refuses is a SourceError."""
        try:
            with (
                path.open("rb") as stream,
                contextlib.closing(
                    contents(stream, self.file, archive=self.kind.archive, keyring=self.keyring)
                ) as files,
            ):
                yield files
        except OSError as error:
            problem = f"its landed copy cannot be read ({error.strerror or type(error).__name__})"
            raise SourceError(self.file, problem, "the lake's landing folder untouched and readable") from error

    def _typed(self, batch: Batch, name: str, workers: ThreadPoolExecutor) -> Records:
        read = list(workers.map(lambda one: self._column(batch, one), self.feed.fields))
        columns = {one.name: column for one, (column, _) in zip(self.feed.fields, read, strict=True)}
        found = {one.name: array for one, (_, array) in zip(self.feed.fields, read, strict=True)}
        keys = key.primary_key([columns[part].values for part in self.feed.primary_key])
        good = self._good(batch, columns, keys, name)
        digests, updated = key.digests(keys, self.feed.datasource), self._updated(batch, columns).to_numpy()
        found[key.PK] = keys.to_arrow().cast(pa.string())
        table = pa.RecordBatch.from_arrays(list(found.values()), schema=key.told_apart(self.schema))
        if good.all():
            return Records(table, digests, updated)
        kept = good.to_numpy()
        return Records(table.filter(pa.array(kept)), digests[kept], updated[kept])

    def _column(self, batch: Batch, field: FeedField) -> tuple[Typed, pa.Array]:
        """Read a column, and give it as the table has it; text that stays as it is is not copied."""
        column, kind = batch.table.column(field.incoming), arrow_type(field)
        read = typed(column, field, self._times[field.name])
        if field.type == "string" and column.type == kind and read.values.null_count() == column.null_count:
            return read, column
        return read, read.values.to_arrow().cast(kind)

    def _good(self, batch: Batch, columns: dict[str, Typed], keys: pl.Series, name: str) -> pl.Series:
        """Say which rows are loaded; each other one is noted once, under its first wrong column."""
        fault = np.full(len(keys), -1)
        for at, one in enumerate(self.feed.fields):
            column = columns[one.name]
            wrong = column.bad | column.values.is_null() if self._is_required(one) else column.bad
            if wrong.any():
                fault[wrong.to_numpy() & (fault < 0)] = at
        places = np.flatnonzero(fault >= 0)
        self.account.reject(
            (self._reject(batch, columns, name, at, int(fault[at])) for at in places.tolist()), len(places)
        )
        good = pl.Series(fault < 0)
        return good & ~keys.is_in(self.deleted) if self.deleted else good

    def _reject(self, batch: Batch, columns: dict[str, Typed], name: str, place: int, fault: int) -> Reject:
        one = self.feed.fields[fault]
        column = columns[one.name]
        reason = f"is not {column.expected}" if column.bad[place] else "is empty and is required"
        return Reject(name, int(batch.rows[place]), one.name, reason)

    def _is_required(self, one: FeedField) -> bool:
        return one.required or one.name in self.feed.primary_key

    def _tells_time(self, one: FeedField) -> bool:
        return one.name == self.feed.last_updated

    def _updated(self, batch: Batch, columns: dict[str, Typed]) -> pl.Series:
        """Give `_updated`: the feed's own field, as microseconds where it is a time, else the order of arrival.

        A record whose field is empty is older than any that has one.
        """
        if self.feed.last_updated is None:
            return key.updated(self.sequence, batch.rows.astype(np.int64) + self._rows_before)
        values = columns[self.feed.last_updated].values
        return values.cast(pl.Int64).fill_null(key.OLDEST)
