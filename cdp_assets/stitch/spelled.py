"""The table of how each record was spelled, by which the next run finds the records that say something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.slots import slot_bits, slots_of

HASH = "_cdp_hash"
NOBODY = -1
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
    falls = (source > source.shift(-1)) | ((source == source.shift(-1)) & (pk > pk.shift(-1)))
    return records.sort(KEYS) if falls.any() else records


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
    same = _rows_by_hash(after, before)
    if not _are_the_same(before, after, same):
        same = _rows(after, before, [HASH, *KEYS])
    fresh = np.flatnonzero(same == NOBODY)
    was = rows_of(after[fresh], before)
    there = np.zeros(before.height, dtype=np.bool_)
    there[np.concatenate([same[same != NOBODY], was[was != NOBODY]])] = True
    return Alike(same, fresh, was, np.flatnonzero(~there))


def rows_of(some: pl.DataFrame, records: pl.DataFrame) -> Rows:
    """Give the row among `records` of each of a few records, by datasource and pk; NOBODY where it is not there."""
    near = records.select(KEYS).with_row_index("row").filter(pl.col("pk").is_in(some["pk"].unique().implode()))
    found = some.select(KEYS).join(near, on=KEYS, how="left", maintain_order="left")["row"]
    return found.cast(pl.Int64).fill_null(NOBODY).to_numpy()


def _are_the_same(before: pl.DataFrame, after: pl.DataFrame, same: Rows) -> bool:
    """Say whether those found have the same keys; by another hash, for two that agree by chance do not in both."""
    known, wanted = (frame.select(KEYS).hash_rows(2).to_numpy() for frame in (before, after))
    found = same != NOBODY
    return bool((known[same[found]] == wanted[found]).all())


def _rows_by_hash(some: pl.DataFrame, records: pl.DataFrame) -> Rows:
    """Give the row among `records` of each of some, by HASH; NOBODY where it is not there, any where it is twice.

    Most are found in the slot of their hash, in a fifth of the time that a join takes; a join finds the others.
    """
    wanted, known = (frame[HASH].to_numpy().view(np.uint64) for frame in (some, records))
    bits = slot_bits(len(known))
    slots = np.full(1 << bits, NOBODY, dtype=np.int64)
    slots[slots_of(known, bits)] = np.arange(len(known))
    found = slots[slots_of(wanted, bits)]
    there = np.flatnonzero(found != NOBODY)
    found[there[known[found[there]] != wanted[there]]] = NOBODY
    others, is_left = np.flatnonzero(found == NOBODY), np.ones(len(known), dtype=np.bool_)
    is_left[found[found != NOBODY]] = False
    _, first = np.unique(known[is_left], return_index=True)
    left = np.flatnonzero(is_left)[first]
    again = _rows(some[others], records[left], [HASH])
    found[others] = np.append(left, NOBODY)[again]
    return found


def _rows(some: pl.DataFrame, records: pl.DataFrame, by: Sequence[str]) -> Rows:
    numbered = records.select(by).with_row_index("row")
    found = some.select(by).join(numbered, on=by, how="left", maintain_order="left")["row"]
    return found.cast(pl.Int64).fill_null(NOBODY).to_numpy()
