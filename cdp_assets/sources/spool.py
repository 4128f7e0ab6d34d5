"""Puts a file's records aside on disk until it is known which of them win, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from cdp_assets.exchange.ahead import ahead
from cdp_assets.sources import key
from cdp_assets.sources.parse import Records

ROWS_AT_ONCE = 1 << 21
"""Of the records' facts, in memory: 24 bytes each. More records than this are looked through in several passes."""
BATCHES_AHEAD = 2
"""While one is written, those after it are parsed or read."""
FACTS = 3
"""Per record: two words of its key's digest, and `_updated`."""
SIEVE_BITS = 22
"""Of a word, by which most of those that occur once are told without a search."""

Mask = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


class Spool:
    """Typed records on disk, and beside them the facts that decide which of a key's records wins."""

    def __init__(self, folder: Path, name: str, schema: pa.Schema, rows_at_once: int = ROWS_AT_ONCE) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._records, self._facts = folder / f"{name}.arrow", folder / f"{name}.facts"
        self._schema, self._rows_at_once, self._rows = schema, rows_at_once, 0

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self._records.unlink(missing_ok=True)
        self._facts.unlink(missing_ok=True)

    def fill(self, records: Iterable[Records]) -> int:
        """Write all records; give how many there are."""
        with (
            pa.OSFile(str(self._records), "wb") as sink,
            pa.ipc.new_file(sink, key.told_apart(self._schema)) as writer,
            self._facts.open("wb") as facts,
        ):
            for one in ahead(records, BATCHES_AHEAD):
                writer.write_batch(one.table)
                facts.write(np.column_stack([one.digests, one.updated.view(np.uint64)]).data)
                self._rows += one.table.num_rows
        return self._rows

    def winners(self) -> pa.RecordBatchReader:
        """Give one record per key: the one with the greatest `_updated`, of equal ones the last in the file."""
        kept = ahead(self._kept(), BATCHES_AHEAD)
        return pa.RecordBatchReader.from_batches(self._schema, kept)

    def known(self) -> pl.DataFrame:
        """Give `_pk` and `_updated` of the winners, all at once."""
        at = key.told_apart(self._schema).get_field_index(key.PK)
        options = pa.ipc.IpcReadOptions(included_fields=[at])
        with pa.OSFile(str(self._records)) as file, pa.ipc.open_file(file, options=options) as source:
            keys = pl.DataFrame(source.read_all()).get_column(key.PK)
        updated = pl.Series(key.UPDATED, self._all_facts()[:, 2].view(np.int64))
        return pl.DataFrame([keys, updated]).filter(pl.Series(self._winning))

    def _kept(self) -> Iterator[pa.RecordBatch]:
        facts, start = self._all_facts(), 0
        with pa.OSFile(str(self._records)) as file, pa.ipc.open_file(file) as source:
            for number in range(source.num_record_batches):
                batch = source.get_batch(number)
                rows = slice(start, start := start + batch.num_rows)
                yield self._whole(batch, facts[rows], self._winning[rows])

    def _whole(self, batch: pa.RecordBatch, facts: key.Words, winning: Mask) -> pa.RecordBatch:
        """Give the winners of a batch with all columns of the table."""
        if not winning.all():
            batch, facts = batch.filter(pa.array(winning)), facts[winning]
        columns = dict(zip(batch.schema.names, batch.columns, strict=True))
        columns[key.UUID_PK] = key.uuids(facts[:, :2])
        columns[key.UPDATED] = pa.array(facts[:, 2].view(np.int64))
        return pa.RecordBatch.from_arrays([columns[name] for name in self._schema.names], schema=self._schema)

    def _all_facts(self) -> key.Words:
        """Give the facts of all records, on disk."""
        shape = (self._rows, FACTS)
        return np.memmap(self._facts, np.uint64, "r", shape=shape) if self._rows else np.zeros(shape, np.uint64)

    @cached_property
    def _winning(self) -> Mask:
        """Say of each record whether it wins, a share of all keys at a time: those whose digests leave one rest."""
        winning, facts = np.ones(self._rows, dtype=np.bool_), self._all_facts()
        shares = -(-self._rows // self._rows_at_once)
        for share in range(shares):
            places = self._places_of(facts, share, shares)
            winning[places[_beaten(facts[places])]] = False
        return winning

    def _places_of(self, facts: key.Words, share: int, shares: int) -> Places:
        """Give the places of the records in one share whose first word another one has as well, in order."""
        ours = []
        for start in range(0, self._rows, self._rows_at_once):
            words = facts[start : start + self._rows_at_once, 0]
            ours.append(np.flatnonzero(words % np.uint64(shares) == share) + start)
        places = np.concatenate(ours)
        return np.asarray(places[_repeated(facts[places, 0])])


def _beaten(facts: key.Words) -> Places:
    """Give the places of the records that another one of their key beats."""
    order = np.lexsort((np.arange(len(facts)), facts[:, 2].view(np.int64), facts[:, 1], facts[:, 0]))
    keys = facts[order, :2]
    beaten = np.zeros(len(order), dtype=np.bool_)
    beaten[:-1] = (keys[1:] == keys[:-1]).all(axis=1)
    return np.asarray(order[beaten])


def _repeated(words: npt.NDArray[np.uint64]) -> Places:
    """Give the places of the words that occur more than once."""
    ordered = np.sort(words)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(twice):
        return np.zeros(0, dtype=np.intp)
    shift = np.uint64(64 - SIEVE_BITS)
    sieve = np.zeros(1 << SIEVE_BITS, dtype=np.bool_)
    sieve[twice >> shift] = True
    likely = np.flatnonzero(sieve[words >> shift])
    nearest = np.minimum(np.searchsorted(twice, words[likely]), len(twice) - 1)
    return np.asarray(likely[twice[nearest] == words[likely]])
