"""Finds, among the people of two runs, whose candidate pairs are not those of before, and the pairs of some people.

A pair of records that are the same in both runs is a candidate in both or in neither, unless a block that holds them
has grown beyond what is compared or has come back below it.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import (
    MOST_PER_BLOCK,
    SKIPPED_SCHEMA,
    Hashes,
    Key,
    Large,
    Pairs,
    Parts,
    RowsKey,
    Spelled,
    blocks_of,
    keys_of,
    pairs_within,
)
from cdp_assets.stitch.column import Bools

SIEVE_BITS = (12, 24)
"""The least and the most; sixty-four per wanted hash let one in sixty-four others through."""


class Keys:
    """Every blocking key of some people, made once; 9 bytes per person and key."""

    def __init__(self, people: pl.DataFrame, settings: Stitch) -> None:
        self.parts = Parts(people)
        self.all = [(key, narrower) for _, key, narrower in keys_of(self.parts, settings)]


def regrouped(keys: Keys, before: Bools, after: Bools) -> Bools:
    """Say which rows are in a block that was small enough to be compared whole in one run and not in the other.

    Args:
        keys: Those of the people of both runs, each once.
        before, after: Which rows are people of each run; who is of one only has changed.
    """
    found = np.zeros(len(after), dtype=np.bool_)
    changed = before != after
    for key, narrower in keys.all:
        held = _holding(key, changed)
        was, is_ = _too_large(held, before, after)
        found[held.rows[was != is_]] = True
        large = Large(held.rows[was & is_], held.hashes[was & is_])
        for part in narrower if len(large.rows) else ():
            narrowed = _holding(large.narrowed(keys.parts[part]), changed)
            was_narrow, is_narrow = _too_large(narrowed, before, after)
            found[narrowed.rows[was_narrow != is_narrow]] = True
    return found & after


def pairs_of(keys: Keys, people: Bools, chosen: Bools) -> Pairs:
    """Give those candidate pairs of `people` that have a `chosen` one; which blocks are skipped is not told."""
    size = len(people)
    found: list[Spelled] = []
    for key, narrower in keys.all:
        blocks, large = blocks_of(_holding(Key(key.hashes, key.known & people), chosen))
        found.append(_chosen(pairs_within(blocks, size), chosen))
        for part in narrower if len(large.rows) else ():
            narrowed, _ = blocks_of(_holding(large.narrowed(keys.parts[part]), chosen))
            found.append(_chosen(pairs_within(narrowed, size), chosen))
    spelled = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
    left, right = np.divmod(spelled, max(size, 1))
    return Pairs(left.astype(np.int32), right.astype(np.int32), pl.DataFrame(schema=SKIPPED_SCHEMA))


def _chosen(spelled: Spelled, chosen: Bools) -> Spelled:
    left, right = np.divmod(spelled, max(len(chosen), 1))
    return spelled[chosen[left] | chosen[right]]


def _holding(key: Key, chosen: Bools) -> RowsKey:
    """Give a key of all rows whose block holds a chosen row, and of few others; blocks are whole."""
    of_row = chosen[key.rows] if isinstance(key, RowsKey) else chosen
    places = np.flatnonzero(key.known & _may_be_in(key.hashes, key.hashes[key.known & of_row]))
    rows = key.rows[places] if isinstance(key, RowsKey) else places.astype(np.int32)
    return RowsKey(key.hashes[places], key.known[places], rows)


def _may_be_in(hashes: Hashes, wanted: Hashes) -> Bools:
    """Say of every wanted hash, and of few others, that it may be wanted: equal hashes are told the same."""
    bits = min(max((64 * len(wanted)).bit_length(), SIEVE_BITS[0]), SIEVE_BITS[1])
    shift = np.uint64(64 - bits)
    sieve = np.zeros(1 << bits, dtype=np.bool_)
    sieve[wanted >> shift] = True
    return np.asarray(sieve[hashes >> shift], dtype=np.bool_)


def _too_large(key: RowsKey, before: Bools, after: Bools) -> tuple[Bools, Bools]:
    """Say for each row whether its block was too large to be compared whole in each of the two runs."""
    _, blocks = np.unique(key.hashes, return_inverse=True)
    sizes = (np.bincount(blocks, weights=run[key.rows]) for run in (before, after))
    was, is_ = (np.asarray(size > MOST_PER_BLOCK)[blocks] for size in sizes)
    return was, is_
