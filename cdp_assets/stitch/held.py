"""Finds, among all records, those that hold one of some blocking keys; one look answers for keys of all kinds.

A record that holds a wanted key shares each of its parts with one of the records whose keys are wanted. So of most
kinds of keys few records are near enough for their key to be made at all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import (
    OF_NOTHING,
    Key,
    Parts,
    RowsKey,
    columns_read,
    every_name_of,
    strategies_of,
    wholes_of,
)
from cdp_assets.stitch.block_keys import Strategy
from cdp_assets.stitch.column import Bools, Ints
from cdp_assets.stitch.slots import Finder, Hashes, Sieve
from cdp_assets.stitch.threads import WORKERS, each, slices

MOST_AT_ONCE = 1 << 19
"""Records: no more are looked at together, to bound memory; fewer take longer, for each thread waits for Python."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """Keys of one kind: the parts that they are made of, and the hashes that are looked for, in order."""

    parts: Sequence[str]
    hashes: Hashes


@dataclass(frozen=True, eq=False)
class _Slice:
    """Some people that are looked at together: from which row on, and what their keys are made of."""

    start: int
    parts: Parts


class Keys:
    """The blocking keys of some people, made as they are looked for, of those who may hold them.

    `made` has what they and their splits are made of, by name, of the first of them; else none is there beforehand.
    """

    def __init__(self, people: pl.DataFrame, settings: Stitch, made: Mapping[str, Hashes] | None = None) -> None:
        self._people = people.select(columns_read(people, settings) or people.columns[:1])
        self._settings, self._made = settings, made or {}
        self._told = min((len(hashes) for hashes in self._made.values()), default=0)

    def of(self, rows: Ints) -> Parts:
        """Give what the keys of some people are made of, and what blocks that are too large are split by."""
        return self._parts(every_name_of(Parts(self._people.clear()), self._settings), rows)

    def part(self, name: str, rows: Ints) -> Key:
        """Give one part of the keys of some people, which may be one that only splits blocks."""
        return self._parts({name}, rows)[name]

    def _parts(self, names: Collection[str], rows: Ints) -> Parts:
        """Give parts of some people, which are made of those alone of whom they are not made beforehand."""
        told, others = np.flatnonzero(rows < self._told), np.flatnonzero(rows >= self._told)
        theirs, found = Parts(self._people[rows[others]]), dict[str, Hashes]()
        theirs.make(names)
        if not len(told):
            return theirs
        for name in wholes_of(names):
            found[name] = np.empty(len(rows), dtype=np.uint64)
            found[name][told], found[name][others] = self._made[name].take(rows[told]), theirs.made(name)
        return Parts(self._people.clear(), found)

    def strategies(self) -> list[tuple[str, Strategy]]:
        """Give each strategy with its name."""
        return list(strategies_of(Parts(self._people.clear()), self._settings))

    def holding(self, wanted: Sequence[Wanted], theirs: Parts) -> list[RowsKey]:
        """Give, for each kind, its key of all rows that hold a wanted one, in no order.

        Args:
            wanted: Keys of people.
            theirs: What the keys of these are made of.
        """
        names = sorted({name for one in wanted if len(one.hashes) for name in one.parts})
        near = {name: Sieve(theirs[name].hashes[theirs[name].known], OF_NOTHING) for name in names}
        look = partial(_held, near, [(one, Finder(one.hashes)) for one in wanted])
        found = [[_NOBODY] * len(wanted), *each(look, self._slices())]
        return [_together(keys) for keys in zip(*found, strict=True)]

    def _slices(self) -> Iterator[_Slice]:
        """Give all people, many at a time: those of whom parts are made, then the others."""
        rounds = -(-self._told // (WORKERS * MOST_AT_ONCE))  # in which no worker waits for another
        for one in slices(self._told, WORKERS * rounds):
            made = {name: hashes[one] for name, hashes in self._made.items()}
            yield _Slice(one.start, Parts(self._people[one], made))
        for start in range(self._told, self._people.height, MOST_AT_ONCE):
            yield _Slice(start, Parts(self._people[start : start + MOST_AT_ONCE]))


_NOBODY = RowsKey(np.zeros(0, np.uint64), np.zeros(0, np.bool_), np.zeros(0, np.int32))


def _held(near: Mapping[str, Sieve], wanted: Sequence[tuple[Wanted, Finder]], some: _Slice) -> list[RowsKey]:
    """Give, for each kind, the key of the rows of a slice that hold a wanted one; `near` has all of their parts."""
    some.parts.make(near)
    is_near = {name: sieve.passes(some.parts.made(name)) for name, sieve in near.items()}
    return [_held_of(some, is_near, one, finder) for one, finder in wanted]


def _held_of(people: _Slice, near: Mapping[str, Bools], wanted: Wanted, finder: Finder) -> RowsKey:
    """Give the key of the rows that hold a wanted one; it is made only where all of its parts are near."""
    if not len(wanted.hashes):
        return _NOBODY
    some = np.flatnonzero(reduce(np.logical_and, (near[name] for name in wanted.parts)))
    hashes = people.parts.hashes(wanted.parts, some)
    passed = finder.among(hashes)
    known = np.ones(len(passed), dtype=np.bool_)
    return RowsKey(hashes.take(passed), known, (some.take(passed) + people.start).astype(np.int32))


def _together(keys: Sequence[RowsKey]) -> RowsKey:
    return RowsKey(*(np.concatenate([getattr(key, name) for key in keys]) for name in ("hashes", "known", "rows")))
