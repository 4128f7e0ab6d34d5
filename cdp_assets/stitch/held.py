"""Finds, among all records, those that hold one of some blocking keys; one look answers for keys of all kinds.

A record that holds a wanted key shares each of its parts with one of the records whose keys are wanted. So of most
kinds of keys few records are near enough for their key to be made at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import OF_NOTHING, Key, Parts, RowsKey, columns_read, names_of, strategies_of
from cdp_assets.stitch.block_keys import Strategy
from cdp_assets.stitch.column import Bools, Ints
from cdp_assets.stitch.slots import Finder, Hashes, Sieve
from cdp_assets.stitch.threads import each

SLICE = 1 << 17
"""So many records are looked at together: what their keys are made of stays in a processor's cache."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """Keys of one kind: the parts that they are made of, and the hashes that are looked for, in order."""

    parts: Sequence[str]
    hashes: Hashes


class Keys:
    """The blocking keys of some people, made as they are looked for, of those who may hold them."""

    def __init__(self, people: pl.DataFrame, settings: Stitch) -> None:
        self._people, self._settings = people.select(columns_read(people, settings)), settings

    def of(self, rows: Ints) -> Parts:
        """Give what the keys of some people are made of."""
        parts = Parts(self._people[rows])
        parts.make(names_of(parts, self._settings))
        return parts

    def part(self, name: str, rows: Ints) -> Key:
        """Give one part of the keys of some people, which may be one that only splits blocks."""
        return Parts(self._people[rows])[name]

    def strategies(self) -> list[tuple[str, Strategy]]:
        """Give each strategy with its name."""
        return list(strategies_of(Parts(self._people.clear()), self._settings))

    def holding(self, wanted: Sequence[Wanted], theirs: Parts) -> list[RowsKey]:
        """Give, for each kind, its key of all rows that hold a wanted one.

        Args:
            wanted: Keys of people.
            theirs: What the keys of these are made of.
        """
        names = sorted({name for one in wanted if len(one.hashes) for name in one.parts})
        near = {name: Sieve(theirs[name].hashes[theirs[name].known], OF_NOTHING) for name in names}
        look = partial(_held, near, [(one, Finder(one.hashes)) for one in wanted])
        starts = range(0, max(self._people.height, 1), SLICE)
        slices = each(look, ((start, self._people[start : start + SLICE]) for start in starts))
        return [_together(found) for found in zip(*slices, strict=True)]


def _held(
    near: Mapping[str, Sieve], wanted: Sequence[tuple[Wanted, Finder]], part: tuple[int, pl.DataFrame]
) -> list[RowsKey]:
    """Give, for each kind, the key of the rows of a slice that hold a wanted one; `near` has all of their parts."""
    start, parts = part[0], Parts(part[1])
    parts.make(near)
    is_near = {name: sieve.passes(parts.made(name)) for name, sieve in near.items()}
    return [_held_of(parts, is_near, one, finder, start) for one, finder in wanted]


def _held_of(parts: Parts, near: Mapping[str, Bools], wanted: Wanted, finder: Finder, start: int) -> RowsKey:
    """Give the key of the rows that hold a wanted one; it is made only where all of its parts are near."""
    if not len(wanted.hashes):
        return RowsKey(np.zeros(0, np.uint64), np.zeros(0, np.bool_), np.zeros(0, np.int32))
    some = np.flatnonzero(reduce(np.logical_and, (near[name] for name in wanted.parts)))
    hashes = parts.hashes(wanted.parts, some)
    passed = finder.among(hashes)
    known = np.ones(len(passed), dtype=np.bool_)
    return RowsKey(hashes.take(passed), known, (some.take(passed) + start).astype(np.int32))


def _together(keys: Sequence[RowsKey]) -> RowsKey:
    return RowsKey(*(np.concatenate([getattr(key, name) for key in keys]) for name in ("hashes", "known", "rows")))
