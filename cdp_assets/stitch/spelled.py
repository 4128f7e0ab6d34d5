"""The table of how each record was spelled, by which the next run finds the records that say something else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.slots import NONE, Hashes, Places, near

HASH = "_cdp_hash"
NOBODY = NONE
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


@dataclass(frozen=True, eq=False)
class Told:
    """Records by what they say and by who they are: datasource, pk, HASH; and a number of each one's keys.

    The number is another one than `hashes` makes of them: two that agree by chance do not in both.
    """

    records: pl.DataFrame
    keys: Hashes

    @classmethod
    def of(cls, records: pl.DataFrame) -> Told:
        """Give them of records with HASH."""
        return cls(records.select(*KEYS, HASH), records.select(KEYS).hash_rows(2).to_numpy())

    @property
    def said(self) -> Hashes:
        """What each says."""
        return self.records[HASH].to_numpy().view(np.uint64)


@dataclass(frozen=True, eq=False)
class Known:
    """Records that others are held against, and where to look for each: made before there are any others."""

    told: Told
    places: Places

    @classmethod
    def of(cls, records: pl.DataFrame) -> Known:
        """Give them of records with HASH."""
        told = Told.of(records)
        return cls(told, Places(told.said))


def alike(before: Known, after: Told) -> Alike:
    """Hold two days' records against each other.

    Records are found by their hash, and by their keys as well where two records have one hash.
    """
    known, same = before.told, before.places.of(after.said)
    found = np.flatnonzero(same != NOBODY)
    if (known.keys.take(same.take(found)) != after.keys.take(found)).any():
        same = _rows(after.records, known.records, [HASH, *KEYS])
        found = np.flatnonzero(same != NOBODY)
    fresh = np.flatnonzero(same == NOBODY)
    was = rows_of(after.records[fresh], known.records)
    is_gone = np.ones(len(known.keys), dtype=np.bool_)
    is_gone[same.take(found)] = is_gone[was[was != NOBODY]] = False
    return Alike(same, fresh, was, np.flatnonzero(is_gone))


def rows_of(some: pl.DataFrame, records: pl.DataFrame) -> Rows:
    """Give the row among `records` of each of a few records, by datasource and pk; NOBODY where it is not there."""
    rows = records.select(KEYS).with_row_index("row").filter(near(records["pk"], some["pk"]))
    found = some.select(KEYS).join(rows, on=KEYS, how="left", maintain_order="left")["row"]
    return found.cast(pl.Int64).fill_null(NOBODY).to_numpy()


def _rows(some: pl.DataFrame, records: pl.DataFrame, by: Sequence[str]) -> Rows:
    numbered = records.select(by).with_row_index("row")
    found = some.select(by).join(numbered, on=by, how="left", maintain_order="left")["row"]
    return found.cast(pl.Int64).fill_null(NOBODY).to_numpy()
