"""Finds, among the people of two runs, whose candidate pairs are not those of before, and the pairs of some people.

A pair of records that are the same in both runs is a candidate in both or in neither, unless a block that holds them
has grown beyond what is compared or has come back below it.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
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

SIEVE_BITS = 22
Counts = npt.NDArray[np.int64]


def regrouped(parts: Parts, before: Bools, after: Bools, settings: Stitch) -> Bools:
    """Say which rows are in a block that was small enough to be compared whole in one run and not in the other.

    Args:
        parts: Those of the people of both runs, each once.
        before, after: Which rows are people of each run; who is of one only has changed.
    """
    found = np.zeros(len(after), dtype=np.bool_)
    changed = before != after
    for _, key, narrower in keys_of(parts, settings):
        held = _holding(key, changed)
        was, is_ = (_sizes(held, side) > MOST_PER_BLOCK for side in (before, after))
        found[held.rows[was != is_]] = True
        large = Large(held.rows[was & is_], held.hashes[was & is_])
        for part in narrower if len(large.rows) else ():
            narrowed = _holding(large.narrowed(parts[part]), changed)
            was_narrow, is_narrow = (_sizes(narrowed, side) > MOST_PER_BLOCK for side in (before, after))
            found[narrowed.rows[was_narrow != is_narrow]] = True
    return found & after


def pairs_of(parts: Parts, people: Bools, chosen: Bools, settings: Stitch, *, both: bool) -> Pairs:
    """Give those candidate pairs of `people` of which one, or `both`, are `chosen`; what is skipped is not told."""
    size = len(people)
    found: list[Spelled] = []
    for _, key, narrower in keys_of(parts, settings):
        blocks, large = blocks_of(_holding(Key(key.hashes, key.known & people), chosen))
        found.append(_chosen(pairs_within(blocks, size), chosen, both))
        for part in narrower if len(large.rows) else ():
            narrowed, _ = blocks_of(_holding(large.narrowed(parts[part]), chosen))
            found.append(_chosen(pairs_within(narrowed, size), chosen, both))
    spelled = np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int64)
    left, right = np.divmod(spelled, max(size, 1))
    return Pairs(left.astype(np.int32), right.astype(np.int32), pl.DataFrame(schema=SKIPPED_SCHEMA))


def _chosen(spelled: Spelled, chosen: Bools, both: bool) -> Spelled:
    left, right = np.divmod(spelled, max(len(chosen), 1))
    return spelled[chosen[left] & chosen[right] if both else chosen[left] | chosen[right]]


def _holding(key: Key, chosen: Bools) -> RowsKey:
    """Give a key of those rows only whose block holds a chosen row."""
    rows = key.rows if isinstance(key, RowsKey) else np.arange(len(key.hashes), dtype=np.int32)
    inside = key.known & _is_in(key.hashes, key.hashes[key.known & chosen[rows]])
    return RowsKey(key.hashes[inside], key.known[inside], rows[inside])


def _is_in(hashes: Hashes, wanted: Hashes) -> Bools:
    """Say which hashes are wanted; most of those that are not are told by their first bits."""
    shift = np.uint64(64 - SIEVE_BITS)
    sieve = np.zeros(1 << SIEVE_BITS, dtype=np.bool_)
    sieve[wanted >> shift] = True
    found: Bools = sieve[hashes >> shift]
    places = np.flatnonzero(found)
    found[places] = np.isin(hashes[places], wanted)
    return found


def _sizes(key: RowsKey, of: Bools) -> Counts:
    """Give for each row how many rows of a run are in its block."""
    _, blocks = np.unique(key.hashes, return_inverse=True)
    counts = np.bincount(blocks, weights=of[key.rows])
    return counts[blocks].astype(np.int64) if len(blocks) else np.zeros(0, dtype=np.int64)
