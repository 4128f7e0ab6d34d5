"""Two days' records beside each other: one that says the same on both is there once, one that changed twice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.spelled import HASH, NOBODY, Alike, Rows, Spell


@dataclass(frozen=True, eq=False)
class Versions:
    """The versions of records that one of two days has, or both: those of the day before first, in their order.

    spelled: As they were normalised, bad values included. before, after: Which versions each day has. was: The row of
    the same record on the day before, NOBODY for a new one. raw: The row of each of today's among the records as they
    came, NOBODY for others. place: Sorts the versions of one day by datasource, pk.
    """

    spelled: pl.DataFrame
    before: Bools
    after: Bools
    was: Rows
    raw: Rows
    place: Rows

    @property
    def size(self) -> int:
        """How many versions there are."""
        return len(self.was)

    @cached_property
    def today(self) -> Rows:
        """Today's versions in the order of datasource, pk."""
        return self.in_order(np.flatnonzero(self.after))

    @cached_property
    def gone(self) -> Rows:
        """The versions whose record is no more."""
        there = np.zeros(self.size, dtype=np.bool_)
        there[self.was[self.after & (self.was != NOBODY)]] = True
        return np.flatnonzero(self.before & ~there)

    def in_order(self, rows: Rows) -> Rows:
        """Give versions of one day in the order of datasource, pk."""
        return rows[np.argsort(self.place[rows], kind="stable")]

    def told_apart(self, rows: Rows) -> Versions:
        """Give the versions with some of both days as two each, for what was found about them differs."""
        before, after = (
            np.append(self.before, np.zeros(len(rows), bool)),
            np.append(self.after, np.ones(len(rows), bool)),
        )
        after[rows] = False
        raw = np.append(self.raw, self.raw[rows])
        raw[rows] = NOBODY
        was, place = (np.append(column, column[rows]) for column in (self.was, self.place))
        return Versions(pl.concat([self.spelled, self.spelled[rows]]), before, after, was, raw, place)


def versions_of(records: pl.DataFrame, known: pl.DataFrame, found: Alike, spell: Spell) -> Versions:
    """Put today's records beside those of the day before.

    Args:
        records: Today's as they came.
        known: The spelled records of the day before, with HASH, in the order of datasource, pk.
        found: Which of today's say the same.
        spell: Normalises those that do not.
    """
    size, fresh = known.height, records[found.fresh]
    order = fresh.select(pl.arg_sort_by(KEYS)).to_series().to_numpy()
    spelled = spell(fresh) if fresh.height else known.clear()
    everything = pl.concat([known.drop(HASH), spelled.select(known.drop(HASH).columns)])
    same = found.same != NOBODY
    raw = np.full(size + fresh.height, NOBODY, dtype=np.int64)
    raw[found.same[same]], raw[size:] = np.flatnonzero(same), found.fresh[order]
    was = np.append(np.arange(size), found.was[order])
    place = np.append(2 * np.arange(size), _places(known, everything[size:], was[size:]))
    return Versions(everything, np.arange(len(was)) < size, raw != NOBODY, was, raw, place)


def _places(known: pl.DataFrame, spelled: pl.DataFrame, was: Rows) -> Rows:
    """Give a number that sorts new versions between those of the day before, which have 0, 2, 4, …"""
    places, new = 2 * was, np.flatnonzero(was == NOBODY)
    sources = known["datasource"]
    for (source,), some in (
        spelled[new].select(KEYS).with_columns(row=new).partition_by("datasource", as_dict=True).items()
    ):
        first, last = (sources.search_sorted(source, side) for side in ("left", "right"))
        between = known["pk"][first:last].search_sorted(some["pk"], "left").to_numpy()
        places[some["row"].to_numpy()] = 2 * (first + between.astype(np.int64)) - 1
    return places
