"""The table of how each record was spelled, by which the next run finds the records that say something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.slots import Hashes, near, slot_bits, slots_of
from cdp_assets.stitch.threads import each

HASH = "_cdp_hash"
NOBODY = -1
SPREAD = np.uint64(0x9E3779B97F4A7C15)
"""Times this, other bits of a hash name its slot; 2 ** 64 by the golden ratio, which is Knuth's multiplier."""
Rows = npt.NDArray[np.int64]
Spell = Callable[[pl.DataFrame], pl.DataFrame]
"""Normalises records, and gives them in the order of datasource, pk."""


def hashes(records: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, pk and a number that differs between records and when one says something else.

    The order of the columns does not matter. A new version of polars may give other numbers: then every record
    counts as changed once.
    """
    said = records.select(sorted(records.columns))
    numbers = said.hash_rows(1).reinterpret(signed=True)
    return records.select(KEYS).with_columns(numbers.alias(HASH))


def in_order(records: pl.DataFrame) -> pl.DataFrame:
    """Give records in the order of datasource, pk; a table that a run wrote is in it already."""
    source, pk = records["datasource"], records["pk"]
    falls = (pk > pk.shift(-1)).arg_true()
    is_in_order = source.is_sorted() and (source.gather(falls) < source.gather(falls + 1)).all()
    return records if is_in_order else records.sort(KEYS)


def changed(before: pl.DataFrame | None, after: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, pk of the records of both that say something else; columns in: datasource, pk, HASH."""
    if before is None:
        return after.select(KEYS).clear()
    both = after.join(before.select(*KEYS, HASH), on=KEYS)
    return both.filter(pl.col(HASH) != pl.col(f"{HASH}_right")).select(KEYS)


@dataclass(frozen=True, eq=False)
class Alike:
    """Where the records of today stand among those of the day before.

    same: For every record of today its row there, NOBODY where it is new or says something else. fresh: The rows of
    today that are. was: The row there of each of these, NOBODY where it is new. gone: The rows there that are no more.
    """

    same: Rows
    fresh: Rows
    was: Rows
    gone: Rows

    @property
    def news(self) -> int:
        """How many records are new, gone or say something else."""
        return len(self.fresh) + len(self.gone)


def alike(before: pl.DataFrame, after: pl.DataFrame) -> Alike:
    """Hold two days' records against each other; columns in: datasource, pk, HASH.

    Records are found by their hash, and by their keys as well where two records have one hash.
    """
    with ThreadPoolExecutor(1) as pool:
        keys = pool.submit(each, _hashes_of_keys, (before, after))
        same = _rows_by_hash(after, before)
        known, wanted = keys.result()
    if not _are_the_same(known, wanted, same):
        same = _rows(after, before, [HASH, *KEYS])
    fresh = np.flatnonzero(same == NOBODY)
    was = rows_of(after[fresh], before)
    there = np.zeros(before.height, dtype=np.bool_)
    there[np.concatenate([same[same != NOBODY], was[was != NOBODY]])] = True
    return Alike(same, fresh, was, np.flatnonzero(~there))


def rows_of(some: pl.DataFrame, records: pl.DataFrame) -> Rows:
    """Give the row among `records` of each of a few records, by datasource and pk; NOBODY where it is not there."""
    rows = records.select(KEYS).with_row_index("row").filter(near(records["pk"], some["pk"]))
    found = some.select(KEYS).join(rows, on=KEYS, how="left", maintain_order="left")["row"]
    return found.cast(pl.Int64).fill_null(NOBODY).to_numpy()


def _hashes_of_keys(records: pl.DataFrame) -> Hashes:
    """Give a number of the keys of each record; another one than `hashes` makes of them."""
    return records.select(KEYS).hash_rows(2).to_numpy()


def _are_the_same(known: Hashes, wanted: Hashes, same: Rows) -> bool:
    """Say whether those found have the same keys; by another hash, for two that agree by chance do not in both."""
    found = same != NOBODY
    return bool((known[same[found]] == wanted[found]).all())


def _rows_by_hash(some: pl.DataFrame, records: pl.DataFrame) -> Rows:
    """Give the row among `records` of each of some, by HASH; NOBODY where it is not there, any where it is twice.

    Most are found in the slot of their hash, and most others in a slot of other bits of it, in a tenth of the time that
    a join takes; a join finds the rest.
    """
    wanted, known = (frame[HASH].to_numpy().view(np.uint64) for frame in (some, records))
    found = _in_slots(wanted, known)
    for look in (lambda one, other: _in_slots(one * SPREAD, other * SPREAD), _joined):
        others, is_left = np.flatnonzero(found == NOBODY), np.ones(len(known), dtype=np.bool_)
        is_left[found[found != NOBODY]] = False
        left = np.flatnonzero(is_left)
        found[others] = np.append(left, NOBODY)[look(wanted[others], known[left])]
    return found


def _in_slots(wanted: Hashes, known: Hashes) -> Rows:
    """Give the row of each wanted hash where it is the last one of its slot, NOBODY elsewhere."""
    if not len(known):
        return np.full(len(wanted), NOBODY, dtype=np.int64)
    bits = slot_bits(len(known))
    slots = np.full(1 << bits, NOBODY, dtype=np.int32)
    slots[slots_of(known, bits)] = np.arange(len(known), dtype=np.int32)
    found = slots[slots_of(wanted, bits)]
    found[known[found] != wanted] = NOBODY
    return found.astype(np.int64)


def _joined(wanted: Hashes, known: Hashes) -> Rows:
    """Give a row of each wanted hash, NOBODY where it is not there."""
    hashes, first = np.unique(known, return_index=True)
    some, records = (pl.DataFrame({HASH: column}) for column in (wanted, hashes))
    return np.append(first, NOBODY)[_rows(some, records, [HASH])]


def _rows(some: pl.DataFrame, records: pl.DataFrame, by: Sequence[str]) -> Rows:
    numbered = records.select(by).with_row_index("row")
    found = some.select(by).join(numbered, on=by, how="left", maintain_order="left")["row"]
    return found.cast(pl.Int64).fill_null(NOBODY).to_numpy()
