"""Gives hashes places in an array that is longer than there are hashes: most have one that no other has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.threads import WORKERS, each, slices

SLOTS_EACH = 4
"""At least; of a million hashes one in eight then shares its slot with another."""
Hashes = npt.NDArray[np.uint64]
Slots = npt.NDArray[np.int64]
Rows32 = npt.NDArray[np.int32]
SIEVE_SLOTS_EACH = 16
"""At least; one in sixteen other hashes is let through."""
SIEVE_BITS = (12, 22)
"""The least and the most, whatever there is to be found."""
NONE = -1
SPREADS = (np.uint64(1), np.uint64(0x9E3779B97F4A7C15))
"""Times these, bits of a hash name its slot; 2 ** 64 by the golden ratio is Knuth's multiplier."""
NOTHING = np.zeros(0, dtype=np.uint64)


def slot_bits(hashes: int) -> int:
    """Give how many bits name a slot for so many hashes."""
    return max((SLOTS_EACH * hashes).bit_length(), 1)


def slots_of(hashes: Hashes, bits: int) -> Slots:
    """Give the slot of each hash, which is below 2 ** bits; equal hashes have one.

    >>> slots_of(np.array([3 << 62, 1 << 62], dtype=np.uint64), 2).tolist()
    [3, 1]
    """
    return np.asarray((hashes >> np.uint64(64 - bits)).view(np.int64))


def of_more_than(limit: int, hashes: Hashes) -> npt.NDArray[np.bool_]:
    """Say which hashes are one of more than so many equal ones; so it says of a few others, which share their slot.

    Counting slots takes a fifth of the time that grouping takes; the more hashes have to share one, the fewer slots do.
    """
    slots = slots_of(hashes, slot_bits(len(hashes) // max(limit, 1)))
    return np.asarray((np.bincount(slots, minlength=1) > limit)[slots])


def near(texts: pl.Series, few: pl.Series) -> pl.Series:
    """Say which texts may be among a few, in a third of the time that it takes to say which are; and of few others.

    >>> near(pl.Series(["a", "b", None]), pl.Series(["b"])).to_list()
    [False, True, False]
    """
    return pl.Series(Sieve(few.hash().to_numpy()).passes(texts.hash().to_numpy()))


class Sieve:
    """Lets some hashes through, and few others; none of `never`, unless it is hardly to be told from one of them."""

    def __init__(self, wanted: Hashes, never: Hashes = NOTHING) -> None:
        self._bits = _sieve_bits(len(wanted))
        self._marks = _marked(wanted, self._bits)
        while self._bits < SIEVE_BITS[1] and self.passes(never).any():
            self._bits += 1
            self._marks = _marked(wanted, self._bits)

    def passes(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        """Say which hashes pass."""
        return self._marks.take(slots_of(hashes, self._bits))


def _marked(wanted: Hashes, bits: int) -> npt.NDArray[np.bool_]:
    marks = np.zeros(1 << bits, dtype=np.bool_)
    marks[slots_of(wanted, bits)] = True
    return marks


class Finder:
    """Finds some hashes, which come in order and once each: those of a slot stand together."""

    def __init__(self, wanted: Hashes) -> None:
        self._wanted, self._bits = wanted, _sieve_bits(len(wanted))
        slots = slots_of(wanted, self._bits)
        self._is_last = np.append(slots[1:] != slots[:-1], True)
        firsts = np.flatnonzero(np.append(True, self._is_last[:-1])[: len(wanted)])
        self._first = np.full(1 << self._bits, NONE, dtype=np.int32)
        self._first[slots[firsts]] = firsts

    def among(self, hashes: Hashes) -> Slots:
        """Give the places of those that are found, in a tenth of the time that a binary search takes."""
        first = self._first.take(slots_of(hashes, self._bits))
        near = np.flatnonzero(first != NONE)
        place, found = first.take(near), []
        while len(near):
            hit = self._wanted.take(place) == hashes.take(near)
            found.append(near[hit])
            others = np.flatnonzero(~(hit | self._is_last.take(place)))
            near, place = near.take(others), place.take(others) + 1
        return np.sort(np.concatenate([np.zeros(0, dtype=np.int64), *found]))


def _sieve_bits(hashes: int) -> int:
    return min(max((SIEVE_SLOTS_EACH * hashes).bit_length(), SIEVE_BITS[0]), SIEVE_BITS[1])


class Places:
    """Finds the place of a hash among many, of which most have a slot of their own.

    Those that share one are given a slot by other bits of theirs, and the few that share this too stand in order.
    """

    def __init__(self, known: Hashes) -> None:
        self._known, self._tables = known, list[tuple[np.uint64, int, Rows32]]()
        left = np.arange(len(known), dtype=np.int32)
        for spread in SPREADS:
            hashes, bits = known.take(left) * spread, slot_bits(len(left))
            slots, table = slots_of(hashes, bits), np.zeros(1 << bits, dtype=np.int32)
            table[slots] = left
            self._tables.append((spread, bits, table))
            left = left[table.take(slots) != left]
        self._others = left[np.argsort(known.take(left), kind="stable")]

    def of(self, wanted: Hashes) -> Slots:
        """Give the place of each hash, NONE where it is not there, any where it is there twice."""
        found = np.full(len(wanted), NONE, dtype=np.int64)

        def some(rows: slice) -> None:
            self._find(wanted[rows], found[rows])

        if len(self._known):
            each(some, slices(len(wanted), WORKERS))
        return found

    def _find(self, wanted: Hashes, found: Slots) -> None:
        """Put the place of each hash that is there into `found`."""
        left = np.arange(len(wanted))
        for spread, bits, table in self._tables:
            place: Slots | Rows32 = table.take(slots_of(wanted * spread, bits))
            wanted, left = self._met(wanted, place, left, found)
        if len(self._others):
            place = np.searchsorted(self._known.take(self._others), wanted)
            self._met(wanted, self._others.take(place, mode="clip"), left, found)

    def _met(self, wanted: Hashes, place: Slots | Rows32, left: Slots, found: Slots) -> tuple[Hashes, Slots]:
        """Fill in the places that are right, and give what is left and where it goes."""
        right = self._known.take(place) == wanted
        found[left[right]] = place[right]
        others = np.flatnonzero(~right)
        return wanted.take(others), left.take(others)
