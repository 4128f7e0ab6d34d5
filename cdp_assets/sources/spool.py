"""Puts a file's records aside on disk until it is known which of them win, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
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

Mask = npt.NDArray[np.bool_]


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
            pa.ipc.new_file(sink, self._schema) as writer,
            self._facts.open("wb") as facts,
        ):
            for one in ahead(records, BATCHES_AHEAD):
                writer.write_batch(one.table)
                updated = one.table.column(key.UPDATED).to_numpy().view(np.uint64)
                facts.write(np.column_stack([one.digests, updated]).tobytes())
                self._rows += one.table.num_rows
        return self._rows

    def winners(self) -> pa.RecordBatchReader:
        """Give one record per key: the one with the greatest `_updated`, of equal ones the last in the file."""
        kept = ahead(self._kept(self._winning()), BATCHES_AHEAD)
        return pa.RecordBatchReader.from_batches(self._schema, kept)

    def _kept(self, winning: Mask) -> Iterator[pa.RecordBatch]:
        start = 0
        with pa.OSFile(str(self._records)) as file, pa.ipc.open_file(file) as source:
            for number in range(source.num_record_batches):
                batch = source.get_batch(number)
                mask = winning[start : start + batch.num_rows]
                start += batch.num_rows
                yield batch if mask.all() else batch.filter(pa.array(mask))

    def _winning(self) -> Mask:
        """Say of each record whether it wins, a share of all keys at a time: those whose digests leave one rest."""
        winning = np.ones(self._rows, dtype=np.bool_)
        shares = -(-self._rows // self._rows_at_once)
        for share in range(shares):
            places, facts = self._facts_of(share, shares)
            winning[places[_beaten(facts)]] = False
        return winning

    def _facts_of(self, share: int, shares: int) -> tuple[npt.NDArray[np.intp], key.Words]:
        """Give the places and facts of the records in one share, in the order of the file."""
        size = self._rows_at_once
        places, found = [], []
        with self._facts.open("rb") as file:
            for start in range(0, self._rows, size):
                facts = np.fromfile(file, dtype=np.uint64, count=min(size, self._rows - start) * FACTS)
                facts = facts.reshape(-1, FACTS)
                ours = np.flatnonzero(facts[:, 0] % np.uint64(shares) == share) if shares > 1 else np.arange(len(facts))
                places.append(ours + start)
                found.append(facts[ours] if shares > 1 else facts)
        return (places[0], found[0]) if len(found) == 1 else (np.concatenate(places), np.concatenate(found))


def _beaten(facts: key.Words) -> npt.NDArray[np.intp]:
    """Give the places of the records that another one of their key beats; only repeated keys are sorted."""
    repeated = _repeated(facts[:, 0])
    some = facts[repeated]
    order = np.lexsort((repeated, some[:, 2].view(np.int64), some[:, 1], some[:, 0]))
    keys = some[order, :2]
    beaten = np.zeros(len(order), dtype=np.bool_)
    beaten[:-1] = (keys[1:] == keys[:-1]).all(axis=1)
    return np.asarray(repeated[order[beaten]])


def _repeated(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.intp]:
    """Give the places of the words that occur more than once."""
    ordered = np.sort(words)
    twice = ordered[1:][ordered[1:] == ordered[:-1]]
    if not len(twice):
        return np.zeros(0, dtype=np.intp)
    nearest = np.minimum(np.searchsorted(twice, words), len(twice) - 1)
    return np.flatnonzero(twice[nearest] == words)
