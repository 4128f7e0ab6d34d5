"""Gives hashes places in an array that is longer than there are hashes: most have one that no other has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

SLOTS_EACH = 4
"""At least; of a million hashes one in eight then shares its slot with another."""
Hashes = npt.NDArray[np.uint64]
Slots = npt.NDArray[np.int64]
SIEVE_SLOTS_EACH = 16
"""At least; one in sixteen other hashes is let through."""
SIEVE_BITS = (12, 22)
"""The least and the most, whatever there is to be found."""
NONE = -1
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
