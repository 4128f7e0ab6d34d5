"""Finds, among the people of two runs, whose candidate pairs are not those of before, and the pairs of some people.

A pair of records that are the same in both runs is a candidate in both or in neither, unless a block that holds them
has grown beyond what is compared or has come back below it. A block that was and still is too large is known by its
size of the run before and by who came or went; no record of it needs to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from cdp_assets.stitch.block import (
    MOST_PER_BLOCK,
    SKIPPED_SCHEMA,
    Key,
    Large,
    Pairs,
    Parts,
    RowsKey,
    Spelled,
    distinct,
    runs_of,
)
from cdp_assets.stitch.block_keys import Strategy
from cdp_assets.stitch.column import Bools, Ints
from cdp_assets.stitch.held import Keys, Wanted
from cdp_assets.stitch.large_blocks import MOVED_SCHEMA, LargeBlocks, Sizes, moved_blocks
from cdp_assets.stitch.slots import Hashes
from cdp_assets.stitch.spelled import Rows
from cdp_assets.stitch.threads import each


@dataclass(frozen=True, eq=False)
class Touched:
    """What the people who came or went do to the blocks.

    regrouped: Who is in a block that was compared whole in one run and not in the other. pairs: The candidate pairs of
    whoever came, and of blocks that have come back. blocks: Those that are too large today. moved: What differs in
    these from the run before, as MOVED_SCHEMA says it. held: By strategy, the rows of each block that somebody joined
    or left, but for blocks that were and are too large. crowded: By strategy, who came to one of those.
    """

    regrouped: Bools
    pairs: Pairs
    blocks: LargeBlocks
    moved: pl.DataFrame
    held: Mapping[str, RowsKey]
    crowded: Mapping[str, Ints]


@dataclass(frozen=True, eq=False)
class _News:
    """The blocks of one kind that somebody joined or left.

    narrower: The parts that split a block which is too large. hashes: Each block once, in order. before: Its size in
    the run before where it was too large then, else 0. gain: How many more it holds today.
    """

    strategy: str
    part: str | None
    parts: Sequence[str]
    narrower: Sequence[str]
    hashes: Hashes
    before: Sizes
    gain: Sizes

    @property
    def steady(self) -> Bools:
        """Which blocks were and are too large."""
        return (self.before > MOST_PER_BLOCK) & (self.before + self.gain > MOST_PER_BLOCK)

    @property
    def wanted(self) -> Wanted:
        """The keys of the other blocks, whose records are looked at."""
        return Wanted(self.parts, self.hashes[~self.steady])

    def is_steady(self, hashes: Hashes) -> Bools:
        """Say which keys are those of steady blocks."""
        return np.isin(hashes, self.hashes[self.steady])

    def moved(self) -> list[pl.DataFrame]:
        """Give what became of the blocks that were too large, if any was."""
        was, today = self.before > MOST_PER_BLOCK, self.before + self.gain
        sizes = np.where(today > MOST_PER_BLOCK, today, 0)
        return [moved_blocks(self.strategy, self.part, self.hashes[was], sizes[was])] if was.any() else []


@dataclass(frozen=True, eq=False)
class _Seen:
    """What was seen of the blocks of one kind: who is regrouped, candidate pairs, and blocks that moved."""

    regrouped: Ints
    pairs: list[Spelled]
    moved: list[pl.DataFrame]


def touched(keys: Keys, before: Bools, after: Bools, known: LargeBlocks) -> Touched:
    """Give what differs between two runs.

    Args:
        keys: Those of the people of both runs, each once.
        before, after: Which rows are people of each run; who is of one only came or went.
        known: The blocks that were too large in the run before.
    """
    changed = np.flatnonzero(before != after).astype(np.int32)
    theirs = keys.of(changed)
    found = _all_news(keys, theirs, after[changed], known)
    news = [one for _, kinds in found for one in kinds]
    held = keys.holding([one.wanted for one in news], theirs)
    seen = each(partial(_seen, keys, before, after, after & ~before), zip(news, held, strict=True))
    regrouped = np.zeros(len(after), dtype=np.bool_)
    regrouped[np.concatenate([np.zeros(0, dtype=np.int32), *(one.regrouped for one in seen)])] = True
    pairs = _pairs([some for one in seen for some in one.pairs], len(after))
    moved = pl.concat([pl.DataFrame(schema=MOVED_SCHEMA), *(frame for one in seen for frame in one.moved)])
    whole = {one.strategy: rows for one, rows in zip(news, held, strict=True) if one.part is None}
    there = after[changed]
    crowded = {kinds[0].strategy: changed[crowd & there] for crowd, kinds in found}
    return Touched(regrouped, pairs, known.since(moved), moved, whole, crowded)


def wanted_keys(keys: Keys, before: Bools, after: Bools, known: LargeBlocks) -> list[Wanted]:
    """Give the keys whose holders `touched` looks at, where it is to be given these people alone."""
    changed = np.flatnonzero(before != after).astype(np.int32)
    found = _all_news(keys, keys.of(changed), after[changed], known)
    news = [one.wanted for _, kinds in found for one in kinds]
    return [one for one in news if len(one.hashes)]


def _all_news(keys: Keys, theirs: Parts, came: Bools, known: LargeBlocks) -> list[tuple[Bools, list[_News]]]:
    """Give `_news` of every strategy; `theirs` are the parts of the people of one run only, who came or went."""
    return each(partial(_news, theirs, 2 * came.astype(np.int64) - 1, known), keys.strategies())


def _news(parts: Parts, gains: Sizes, known: LargeBlocks, named: tuple[str, Strategy]) -> tuple[Bools, list[_News]]:
    """Give who of those that came or went is in a steady block of a strategy, and all of their blocks and its parts."""
    name, strategy = named
    key = parts.key(strategy.parts)
    whole = _blocks(name, None, strategy, key, gains, known)
    crowd = key.known & whole.is_steady(key.hashes)
    narrower = strategy.narrower if crowd.any() else ()
    crowds = ((part, key.and_(parts[part])) for part in narrower)
    split = (_blocks(name, part, strategy, Key(one.hashes, one.known & crowd), gains, known) for part, one in crowds)
    return crowd, [whole, *split]


def _blocks(name: str, part: str | None, strategy: Strategy, key: Key, gains: Sizes, known: LargeBlocks) -> _News:
    """Give the blocks of one kind; `key` is that of whoever came or went."""
    hashes, places = np.unique(key.hashes[key.known], return_inverse=True)
    gain = np.bincount(places, weights=gains[key.known], minlength=len(hashes)).astype(np.int64)
    parts = strategy.parts if part is None else (*strategy.parts, part)
    narrower = strategy.narrower if part is None else ()
    return _News(name, part, parts, narrower, hashes, known.sizes(name, part, hashes), gain)


def _seen(keys: Keys, before: Bools, after: Bools, came: Bools, blocks: tuple[_News, RowsKey]) -> _Seen:
    """Look at the blocks that are not steady, which come with their rows."""
    news, held = blocks[0], _some(blocks[1], np.argsort(blocks[1].hashes))
    was, is_ = _too_large(held, before, after)
    there = after[held.rows]
    if not (was.any() or is_.any()):
        return _Seen(held.rows[:0], [_pairs_with(came, _some(held, there))], news.moved())
    small, back = _some(held, there & ~was & ~is_), _some(held, there & was & ~is_)
    outgrown, shrunk = _some(held, there & ~was & is_), _some(held, before[held.rows] & was & ~is_)
    pairs, moved = [_pairs_with(came, small), _pairs_with(after, back)], news.moved()
    if len(outgrown.rows):
        moved.append(_listed(news, None, outgrown))
    for part in news.narrower if len(outgrown.rows) + len(shrunk.rows) else ():
        narrowed, still = _narrowed(outgrown, keys.part(part, outgrown.rows))
        pairs.append(_pairs_with(came, narrowed))
        _, gone = _narrowed(shrunk, keys.part(part, shrunk.rows))
        moved += [_listed(news, part, still), _listed(news, part, gone, is_gone=True)]
    return _Seen(held.rows[there & (was != is_)], pairs, moved)


def _some(key: RowsKey, some: Bools | Rows) -> RowsKey:
    rows = np.flatnonzero(some) if some.dtype == np.bool_ else some
    return RowsKey(key.hashes.take(rows), key.known.take(rows), key.rows.take(rows))


def _narrowed(key: RowsKey, part: Key) -> tuple[RowsKey, Large]:
    """Split blocks that are too large by a further part: those that no longer are, and those that are still."""
    both = key.and_(part)
    found = RowsKey(both.hashes[both.known], both.known[both.known], key.rows[both.known])
    found = _some(found, np.argsort(found.hashes))
    _, sizes = runs_of(found.hashes)
    large = np.repeat(sizes > MOST_PER_BLOCK, sizes)
    return _some(found, ~large), Large(found.rows[large], found.hashes[large])


def _listed(news: _News, part: str | None, large: RowsKey | Large, *, is_gone: bool = False) -> pl.DataFrame:
    """Give blocks that have become too large, or are so no longer."""
    hashes, first, sizes = np.unique(large.hashes, return_index=True, return_counts=True)
    return moved_blocks(news.strategy, part or news.part, hashes, sizes * (not is_gone), large.rows[first])


def _too_large(key: RowsKey, before: Bools, after: Bools) -> tuple[Bools, Bools]:
    """Say for each row whether its block was too large to be compared whole in each of the two runs.

    The rows of a block stand together.
    """
    starts, sizes = runs_of(key.hashes)
    was = is_ = np.repeat(sizes > MOST_PER_BLOCK, sizes)
    if was.any():
        held = (np.add.reduceat(run[key.rows].astype(np.int64), starts) for run in (before, after))
        was, is_ = (np.repeat(size > MOST_PER_BLOCK, sizes) for size in held)
    return was, is_


def _pairs_with(chosen: Bools, key: RowsKey) -> Spelled:
    """Give the pairs within blocks of which one at least is chosen, spelled as left * size + right, some of them twice.

    The rows of a block stand together.
    """
    (starts, sizes), places = runs_of(key.hashes), np.flatnonzero(chosen[key.rows])
    block = np.searchsorted(starts, places, side="right") - 1
    many = sizes[block]
    first = np.repeat(starts[block] - np.cumsum(many) + many, many)
    one, other = key.rows[np.repeat(places, many)], key.rows[first + np.arange(len(first))]
    differ = one != other
    left, right = np.minimum(one, other)[differ], np.maximum(one, other)[differ]
    return np.asarray(left.astype(np.int64) * len(chosen) + right)


def _pairs(found: list[Spelled], size: int) -> Pairs:
    """Give pairs once and in order; what blocks are skipped is not told."""
    spelled = distinct(found)
    left = spelled // max(size, 1)
    return Pairs(left.astype(np.int32), (spelled - left * size).astype(np.int32), pl.DataFrame(schema=SKIPPED_SCHEMA))


def pairs_among(keys: Keys, chosen: Bools, large: LargeBlocks) -> Pairs:
    """Give the candidate pairs of two of some people.

    Args:
        keys: Those of all people.
        chosen: Which people.
        large: The blocks that are too large, of all people.
    """
    rows = np.flatnonzero(chosen).astype(np.int32)
    parts = keys.of(rows)
    found = each(partial(_among, parts, large), keys.strategies())
    pairs = _pairs([some for one in found for some in one], len(rows))
    return Pairs(rows[pairs.left], rows[pairs.right], pairs.skipped)


def _among(parts: Parts, large: LargeBlocks, named: tuple[str, Strategy]) -> list[Spelled]:
    """Give the pairs that share a key of a strategy, whole or split, whose block is not too large; by their places."""
    name, strategy = named
    key = parts.key(strategy.parts)
    crowd = key.known & (large.sizes(name, None, key.hashes) > 0)
    found = [_within(key.hashes, key.known & ~crowd)]
    for part in strategy.narrower if crowd.any() else ():
        one = key.and_(parts[part])
        found.append(_within(one.hashes, one.known & crowd & (large.sizes(name, part, one.hashes) == 0)))
    return found


def _within(hashes: Hashes, known: Bools) -> Spelled:
    """Give the pairs of rows whose hashes are known and equal."""
    rows = np.flatnonzero(known)
    rows = rows[np.argsort(hashes[rows])]
    return _pairs_with(np.ones_like(known), RowsKey(hashes[rows], known[rows], rows))
