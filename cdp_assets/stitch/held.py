"""Finds, among all records, those that hold one of some blocking keys; one look answers for keys of all kinds.

A record that holds a wanted key shares each of its parts with one of the records whose keys are wanted. So of most
kinds of keys few records are near enough for their key to be made at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial, reduce

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import Hashes, Parts, RowsKey, strategies_of
from cdp_assets.stitch.block_keys import Strategy
from cdp_assets.stitch.column import Bools, Ints
from cdp_assets.stitch.threads import each

SIEVE_BITS = (12, 22)
"""The least and the most of a sieve; sixteen marks per wanted hash let one in sixteen others through."""


@dataclass(frozen=True, eq=False)
class Wanted:
    """Keys of one kind: the parts that they are made of, and the hashes that are looked for, in order."""

    parts: Sequence[str]
    hashes: Hashes


class Keys:
    """The blocking keys of some people; what they are made of is made once, they themselves as they are looked for."""

    def __init__(self, people: pl.DataFrame, settings: Stitch) -> None:
        self.parts, self._settings = Parts(people), settings
        self.parts.make(settings)

    def strategies(self) -> list[tuple[str, Strategy]]:
        """Give each strategy with its name."""
        return list(strategies_of(self.parts, self._settings))

    def holding(self, wanted: Sequence[Wanted], some: Ints) -> list[RowsKey]:
        """Give, for each kind, its key of all rows that hold a wanted one.

        Every wanted key is one of `some` rows.
        """
        names = sorted({name for one in wanted if len(one.hashes) for name in one.parts})
        near = dict(zip(names, each(partial(_near, self.parts, some), names), strict=True))
        return each(partial(_held, self.parts, near), wanted)


def _near(parts: Parts, some: Ints, name: str) -> Bools:
    """Say which rows share a part with some, and few others."""
    key = parts[name]
    marked = key.known[some]
    return key.known & _Sieve(key.hashes[some][marked]).passes(key.hashes)


def _held(parts: Parts, near: dict[str, Bools], wanted: Wanted) -> RowsKey:
    """Give the key of the rows that hold a wanted one; made of those alone that are near in all of its parts."""
    if not len(wanted.hashes):
        return RowsKey(np.zeros(0, np.uint64), np.zeros(0, np.bool_), np.zeros(0, np.int32))
    rows = np.flatnonzero(reduce(np.logical_and, (near[name] for name in wanted.parts))).astype(np.int32)
    hashes = parts.hashes(wanted.parts, rows)
    passed = np.flatnonzero(_Sieve(wanted.hashes).passes(hashes))
    places = np.minimum(np.searchsorted(wanted.hashes, hashes[passed]), len(wanted.hashes) - 1)
    passed = passed[wanted.hashes[places] == hashes[passed]]
    return RowsKey(hashes[passed], np.ones(len(passed), dtype=np.bool_), rows[passed])


class _Sieve:
    """Lets wanted hashes through, and few others: equal hashes are told the same."""

    def __init__(self, wanted: Hashes) -> None:
        bits = min(max((16 * len(wanted)).bit_length(), SIEVE_BITS[0]), SIEVE_BITS[1])
        self._shift = np.uint64(64 - bits)
        self._marks = np.zeros(1 << bits, dtype=np.bool_)
        self._marks[wanted >> self._shift] = True

    def passes(self, hashes: Hashes) -> Bools:
        """Say which hashes pass."""
        return np.asarray(self._marks[hashes >> self._shift])
