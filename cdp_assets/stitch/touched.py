"""Finds, among the people of two runs, whose candidate pairs are not those of before, and the pairs of some people.

A pair of records that are the same in both runs is a candidate in both or in neither, unless a block that holds them
has grown beyond what is compared or has come back below it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import (
    MOST_PER_BLOCK,
    SKIPPED_SCHEMA,
    WORKERS,
    Hashes,
    Key,
    Large,
    Pairs,
    Parts,
    RowsKey,
    Spelled,
    blocks_of,
    distinct,
    keys_of,
)
from cdp_assets.stitch.column import Bools, Ints

SIEVE_BITS = (12, 22)
"""The least and the most of each of two sieves; sixteen marks per wanted hash let one in sixteen others through."""
ROWS_AT_ONCE = 1 << 15
"""As many keys as a processor has at hand while it makes and looks at them."""


class Keys:
    """The blocking keys of some people; what they are made of is made once, they themselves as they are looked for."""

    def __init__(self, people: pl.DataFrame, settings: Stitch) -> None:
        self.parts, self._settings, self._size = Parts(people), settings, people.height
        self.parts.make(settings)

    def sharing(self, some: Bools, least: int = 1) -> Iterator[tuple[str, RowsKey, Sequence[str]]]:
        """Give each strategy's name, its key of all rows whose block holds so many of some, and of few others.

        Blocks are whole. Last come the parts that split a block which is too large.
        """
        theirs = list(keys_of(self.parts.of(np.flatnonzero(some).astype(np.int32)), self._settings))
        sieves = [_Sieve(_held(key.hashes[key.known], least)) for _, key, _ in theirs]
        starts = range(0, self._size, ROWS_AT_ONCE)
        with ThreadPoolExecutor(WORKERS) as pool:
            found = list(pool.map(partial(self._sieved, sieves), starts))
        for place, (name, _, narrower) in enumerate(theirs):
            yield name, _joined([keys[place] for keys in found]), narrower

    def _sieved(self, sieves: Sequence[_Sieve], start: int) -> list[RowsKey]:
        """Give the rows from one on that each strategy's sieve lets through."""
        keys = keys_of(self.parts.of(slice(start, start + ROWS_AT_ONCE)), self._settings)
        rows = [(key, sieve.places(key)) for (_, key, _), sieve in zip(keys, sieves, strict=True)]
        return [RowsKey(key.hashes[at], key.known[at], (at + start).astype(np.int32)) for key, at in rows]


def _held(hashes: Hashes, least: int) -> Hashes:
    """Give the hashes that so many hold."""
    if least == 1:
        return hashes
    found, counts = np.unique(hashes, return_counts=True)
    return found[counts >= least]


class _Sieve:
    """Finds the places of wanted hashes, and of few others: equal hashes are told the same."""

    def __init__(self, wanted: Hashes) -> None:
        bits = min(max((16 * len(wanted)).bit_length(), SIEVE_BITS[0]), SIEVE_BITS[1])
        self._shifts = np.uint64(64 - bits), np.uint64(64 - 2 * bits)
        self._last = np.uint64((1 << bits) - 1)
        self._marks = tuple(np.zeros(1 << bits, dtype=np.bool_) for _ in self._shifts)
        for marks, shift in zip(self._marks, self._shifts, strict=True):
            marks[wanted >> shift & self._last] = True

    def places(self, key: Key) -> Ints:
        """Give the places of a key that hold one."""
        places = np.flatnonzero(key.known)
        for marks, shift in zip(self._marks, self._shifts, strict=True):
            places = places[marks[key.hashes[places] >> shift & self._last]]
        return places.astype(np.int32)


def _joined(parts: Sequence[RowsKey]) -> RowsKey:
    none = RowsKey(np.zeros(0, np.uint64), np.zeros(0, np.bool_), np.zeros(0, np.int32))
    columns = ([getattr(key, name) for key in (none, *parts)] for name in ("hashes", "known", "rows"))
    return RowsKey(*(np.concatenate(column) for column in columns))


def regrouped(keys: Keys, before: Bools, after: Bools) -> Bools:
    """Say which rows are in a block that was small enough to be compared whole in one run and not in the other.

    Args:
        keys: Those of the people of both runs, each once.
        before, after: Which rows are people of each run; who is of one only has changed.
    """
    found = np.zeros(len(after), dtype=np.bool_)
    changed = before != after
    for _, held, narrower in keys.sharing(changed):
        was, is_ = _too_large(held, before, after)
        found[held.rows[was != is_]] = True
        large = Large(held.rows[was & is_], held.hashes[was & is_])
        for part in narrower if len(large.rows) else ():
            narrowed = _holding(large.narrowed(keys.parts[part]), changed)
            was_narrow, is_narrow = _too_large(narrowed, before, after)
            found[narrowed.rows[was_narrow != is_narrow]] = True
    return found & after


def pairs_of(keys: Keys, people: Bools, chosen: Bools, least: int = 1) -> Pairs:
    """Give those candidate pairs of `people` of which so many are `chosen`; what blocks are skipped is not told."""
    size = len(people)
    found: list[Spelled] = []
    for _, held, narrower in keys.sharing(chosen, least):
        there = people[held.rows]
        blocks, large = blocks_of(RowsKey(held.hashes[there], held.known[there], held.rows[there]))
        found.append(_chosen(blocks, chosen, least))
        for part in narrower if len(large.rows) else ():
            narrowed, _ = blocks_of(_holding(large.narrowed(keys.parts[part]), chosen))
            found.append(_chosen(narrowed, chosen, least))
    spelled = distinct(found)
    left = spelled // max(size, 1)
    return Pairs(left.astype(np.int32), (spelled - left * size).astype(np.int32), pl.DataFrame(schema=SKIPPED_SCHEMA))


def _chosen(blocks: Mapping[int, Ints], chosen: Bools, least: int) -> Spelled:
    """Give the pairs within blocks of which so many are chosen, spelled as left * size + right."""
    found = [np.zeros(0, dtype=np.int64)]
    for members, rows in blocks.items():
        marks = chosen[rows]
        some = marks.sum(axis=1) >= least
        rows, marks = rows[some], marks[some]
        one, other = np.triu_indices(members, 1)
        wanted = marks[:, one] | marks[:, other] if least == 1 else marks[:, one] & marks[:, other]
        left, right = rows[:, one][wanted], rows[:, other][wanted]
        found.append(np.minimum(left, right).astype(np.int64) * len(chosen) + np.maximum(left, right))
    return np.concatenate(found)


def _holding(key: RowsKey, chosen: Bools) -> RowsKey:
    """Give the part of a key whose blocks hold a chosen row, and little else; blocks are whole."""
    places = _Sieve(key.hashes[key.known & chosen[key.rows]]).places(key)
    return RowsKey(key.hashes[places], key.known[places], key.rows[places])


def _too_large(key: RowsKey, before: Bools, after: Bools) -> tuple[Bools, Bools]:
    """Say for each row whether its block was too large to be compared whole in each of the two runs."""
    _, blocks = np.unique(key.hashes, return_inverse=True)
    sizes = (np.bincount(blocks, weights=run[key.rows]) for run in (before, after))
    was, is_ = (np.asarray(size > MOST_PER_BLOCK)[blocks] for size in sizes)
    return was, is_
