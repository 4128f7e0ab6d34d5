"""Finds the pairs that are worth comparing: records that share a key of a blocking strategy."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block_keys import DOCUMENTED, HEADS, PARTS, STRATEGIES, WIDER, Strategy
from cdp_assets.stitch.column import Bools, Ints
from cdp_assets.stitch.slots import Hashes
from cdp_assets.stitch.threads import each

Spelled = npt.NDArray[np.int64]
MOST_PER_BLOCK = 80
"""A larger block is split by further parts; what then is still larger is not compared, and listed."""
BOTH_NAMES: Mapping[str, np.ufunc] = {"first name": np.minimum, "last name": np.maximum}
"""Parts that are one of a record's two names, in whichever order they stand: the one whose hash is less, or greater."""
OF_NOTHING: Hashes = pl.Series([None, ""], dtype=pl.String).hash().to_numpy()
"""Hashes of what is not known."""
OF_NULL, OF_EMPTY = OF_NOTHING
SKIPPED_SCHEMA = {
    "strategy": pl.String, "part": pl.String, "block": pl.UInt64, "size": pl.Int64, "compared": pl.Boolean,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Pairs:
    """Candidate pairs of records by row number, left before right, each once and in order.

    skipped: strategy, part (the further one that makes the block a part of one that is too large, else null), block (a
    hash of its key), size, compared (whether further parts split it).
    """

    left: Ints
    right: Ints
    skipped: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Key:
    """One key per record: what it is hashed to, and whether all of its parts are known."""

    hashes: Hashes
    known: Bools

    @cached_property
    def mixed(self) -> Hashes:
        """The hashes, spread for other parts to be added."""
        return _mixed(self.hashes)

    def and_(self, other: Key) -> Key:
        """Give the key of both."""
        return Key(self.mixed + other.hashes, self.known & other.known)


def candidate_pairs(people: pl.DataFrame, settings: Stitch) -> Pairs:
    """Give the pairs of normalised records that share a key of one of the strategies."""
    found, skipped = _found(people, settings)
    spelled = distinct(found)
    size = max(people.height, 1)
    left = (spelled // size).astype(np.int32)
    right = (spelled - left * np.int64(size)).astype(np.int32)
    return Pairs(left, right, skipped)


def _found(people: pl.DataFrame, settings: Stitch) -> tuple[list[Spelled], pl.DataFrame]:
    """Give the pairs of each strategy, some of several, and the blocks that are too large; the keys end with it."""
    parts = Parts(people)
    each(parts.make, _by_whole(names_of(parts, settings)).values())
    found = each(partial(_of_strategy, parts, people.height), strategies_of(parts, settings))
    skipped = [pl.DataFrame(schema=SKIPPED_SCHEMA), *(large for _, large in found)]
    return [pairs for some, _ in found for pairs in some], pl.concat(skipped)


def _of_strategy(parts: Parts, size: int, named: tuple[str, Strategy]) -> tuple[list[Spelled], pl.DataFrame]:
    """Give the pairs that a strategy finds by its own key and by narrower ones, and its blocks that are too large."""
    name, strategy = named
    blocks, large = blocks_of(parts.key(strategy.parts))
    found, listed = [pairs_within(blocks, size)], [large.listed(name, None, bool(strategy.narrower))]
    for part in strategy.narrower if len(large.rows) else ():
        blocks, still = blocks_of(large.narrowed(parts[part]))
        found.append(pairs_within(blocks, size))
        listed.append(still.listed(name, part, False))
    return found, pl.concat(listed)


def strategies_of(parts: Parts, settings: Stitch) -> Iterator[tuple[str, Strategy]]:
    """Give the name and parts of each strategy by which records are looked for, one per column that is a key."""
    names: list[str] = [name for name in settings.blocking_strategies if name != "fk"]
    names += [name for name in WIDER if settings.wider_blocking and name not in names]
    for name in names:
        yield name, STRATEGIES[name]
    kinds = ("fk_", "bk_") if "fk" in settings.blocking_strategies else ("bk_",)
    for kind in kinds:
        for column in parts.columns(kind):
            yield column.replace("_", ":", 1), Strategy((column,), DOCUMENTED["email"].narrower)


def keys_of(parts: Parts, settings: Stitch) -> Iterator[tuple[str, Key, Sequence[str]]]:
    """Give each strategy's name, its key of every record, and the parts that split a block which is too large."""
    for name, strategy in strategies_of(parts, settings):
        yield name, parts.key(strategy.parts), strategy.narrower


def names_of(parts: Parts, settings: Stitch) -> set[str]:
    """Give the parts that the strategies' keys are made of, without those that only split blocks."""
    return {part for _, strategy in strategies_of(parts, settings) for part in strategy.parts}


def every_name_of(parts: Parts, settings: Stitch) -> set[str]:
    """Give the parts that the strategies' keys are made of, and those that only split blocks."""
    return {part for _, strategy in strategies_of(parts, settings) for part in (*strategy.parts, *strategy.narrower)}


def columns_read(people: pl.DataFrame, settings: Stitch) -> list[str]:
    """Give the columns of some people that their keys are made of."""
    names = every_name_of(Parts(people.clear()), settings)
    read = {column for name in names for column in _part(name).meta.root_names()}
    return [name for name in people.columns if name in read]


class Parts:
    """The hash of each part of each record, made once; some may be made already."""

    def __init__(self, people: pl.DataFrame, made: Mapping[str, Hashes] = MappingProxyType({})) -> None:
        self._people = people
        self._made = dict(made)
        self._keys: dict[str, Key] = {}

    def __getitem__(self, name: str) -> Key:
        if name not in self._keys:
            hashes = self.made(name)
            self._keys[name] = Key(hashes, (hashes != OF_NULL) & (hashes != OF_EMPTY))
        return self._keys[name]

    def made(self, name: str) -> Hashes:
        """Give the hashes of a part: OF_NULL or OF_EMPTY where it is not known."""
        if name not in self._made:
            if name in BOTH_NAMES:
                self._made[name] = BOTH_NAMES[name](self.made("given"), self.made("surname"))
            else:
                self.make([name])
        return self._made[name]

    def make(self, names: Collection[str]) -> None:
        """Make some parts at once, if not made; what several are the first characters of is made once."""
        names = wholes_of(names) - self._made.keys()
        texts = self._people.select(_part(whole).alias(whole) for whole in _by_whole(names))
        hashes = texts.select(_head(name).hash().alias(name) for name in names)
        self._made |= {name: hashes[name].to_numpy() for name in names}

    def made_of(self, names: Collection[str]) -> Mapping[str, Hashes]:
        """Give what some parts follow from, by name: themselves, but for those that are one of two names."""
        self.make(names)
        return dict(self._made)

    def key(self, names: Sequence[str]) -> Key:
        """Give the key of several parts."""
        key = self[names[0]]
        for name in names[1:]:
            key = key.and_(self[name])
        return key

    def hashes(self, names: Sequence[str], rows: npt.NDArray[np.int64]) -> Hashes:
        """Give the hashes of the key of several parts, of rows that hold them all."""
        found = self.made(names[0]).take(rows)
        for name in names[1:]:
            found = _mixed(found) + self.made(name).take(rows)
        return found

    def columns(self, prefix: str) -> list[str]:
        """Give the columns that start with a prefix."""
        return [name for name in self._people.columns if name.startswith(prefix)]


def wholes_of(names: Collection[str]) -> set[str]:
    """Give what some parts follow from: themselves, but for those that are one of two names."""
    return {part for name in names for part in (("given", "surname") if name in BOTH_NAMES else (name,))}


def _by_whole(names: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Put parts together that are the first characters of the same, by what these are of."""
    wholes: dict[str, list[str]] = {}
    for name in sorted(names):
        whole, _ = HEADS.get(name, (name, None))
        wholes.setdefault(whole, []).append(name)
    return wholes


def _head(name: str) -> pl.Expr:
    """Give a part's text, made of the column of the whole that it is a part of."""
    whole, size = HEADS.get(name, (name, None))
    return pl.col(whole) if size is None else pl.col(whole).str.head(size)


def _part(name: str) -> pl.Expr:
    """Give a part's text; a foreign key is blocked without letter case, which the rules look at where it counts."""
    whole = pl.col(name)
    return PARTS.get(name, whole.str.to_uppercase() if name.startswith("fk_") else whole)


def text_of(parts: Sequence[str]) -> pl.Expr:
    """Spell a key as its parts with colons between; null where a part of it is unknown."""
    return pl.concat_str([_part(name) for name in parts], separator=":")


@dataclass(frozen=True, eq=False)
class Large:
    """Blocks that are too large: their rows, and which block each row is in."""

    rows: Ints
    hashes: Hashes

    def narrowed(self, part: Key) -> RowsKey:
        """Give the key of these rows with a further part."""
        return RowsKey(_mixed(self.hashes) + part.hashes[self.rows], part.known[self.rows], self.rows)

    def listed(self, strategy: str, part: str | None, compared: bool) -> pl.DataFrame:
        """Give the blocks with their sizes, the largest first; columns as in `Pairs.skipped`."""
        blocks, sizes = np.unique(self.hashes, return_counts=True)
        frame = pl.DataFrame({"block": blocks, "size": sizes.astype(np.int64)})
        return frame.sort("size", "block", descending=[True, False]).select(
            strategy=pl.lit(strategy),
            part=pl.lit(part, pl.String),
            block="block",
            size="size",
            compared=pl.lit(compared),
        )


@dataclass(frozen=True, eq=False)
class RowsKey(Key):
    """A key of some rows only."""

    rows: Ints


def _mixed(hashes: Hashes) -> Hashes:
    """Spread a hash, so that keys of the same parts in another order differ."""
    return (hashes ^ (hashes >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)


def blocks_of(key: Key) -> tuple[Mapping[int, Ints], Large]:
    """Give, per size of block, the rows of its blocks (one block a row), and the blocks that are too large."""
    places = np.flatnonzero(key.known)
    rows = key.rows[places] if isinstance(key, RowsKey) else places.astype(np.int32)
    hashes = key.hashes[places]
    order = np.argsort(hashes)
    hashes, rows = hashes[order], rows[order]
    starts, sizes = runs_of(hashes)
    found = {}
    for size in np.unique(sizes[(sizes > 1) & (sizes <= MOST_PER_BLOCK)]).tolist():
        found[size] = rows[starts[sizes == size][:, None] + np.arange(size)]
    in_large = np.repeat(sizes > MOST_PER_BLOCK, sizes)
    return found, Large(rows[in_large], hashes[in_large])


def runs_of(hashes: Hashes) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give where each run of equal hashes starts, and how long it is.

    >>> [each.tolist() for each in runs_of(np.array([7, 7, 9], dtype=np.uint64))]
    [[0, 2], [2, 1]]
    """
    starts = np.flatnonzero(np.append(True, hashes[1:] != hashes[:-1])[: len(hashes)])
    return starts, np.diff(np.append(starts, len(hashes)))


def distinct(found: list[Spelled]) -> Spelled:
    """Give each number once, in order, and leave the list empty: there are too many numbers to hold twice.

    Where nearly all differ, sorting takes a tenth of the time of `np.unique`.

    >>> distinct([np.array([3, 1]), np.array([3, 2])]).tolist()
    [1, 2, 3]
    """
    numbers = np.concatenate([np.zeros(0, dtype=np.int64), *found])
    found.clear()
    numbers.sort()
    return numbers[np.append(True, numbers[1:] != numbers[:-1])] if len(numbers) else numbers


@cache
def ends_of(members: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Give the places of both ends of every pair of so many members, which are no more than a block may hold."""
    one, other = np.triu_indices(members, 1)
    return one, other


def pairs_within(blocks: Mapping[int, Ints], size: int) -> Spelled:
    """Give all pairs within blocks, spelled as left * size + right."""
    found = [np.zeros(0, dtype=np.int64)]
    for members, rows in blocks.items():
        one, other = ends_of(members)
        left, right = rows[:, one].ravel(), rows[:, other].ravel()
        found.append(np.minimum(left, right).astype(np.int64) * size + np.maximum(left, right))
    return np.concatenate(found)
