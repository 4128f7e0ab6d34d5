"""Says in which source both records of a pair are: a source that hardly holds a person twice tells them apart.

A register or a loyalty programme has each person once, a shop's orders many times. How often each source repeats a
person is learnt from its pairs, as the other weights are.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.column import Column, Floats, Ints

REPEATS = "repeats"
"""The field: its level is the place, by size, of the source in which both records of a pair are."""
PLACES = ("largest", "2nd largest", "3rd largest", *(f"{place}th largest" for place in range(4, 17)))
TWO_SOURCES, SMALLER = 0, len(PLACES) + 1
LEVELS = ("in two sources", *(f"both in the {place} source" for place in PLACES), "both in one of the smaller sources")
ADDED = 10.0
"""Pairs of one person: so many are added to those of a level, and to as many as there would be by chance."""


def largest_of(sources: pl.Series, sizes: Floats) -> pl.Series:
    """Give the largest sources, in the order of PLACES; all others have the level SMALLER.

    Args:
        sources: Their names, each once.
        sizes: How many records each has.
    """
    order = pl.DataFrame({"source": sources, "size": sizes}).sort("size", "source", descending=[True, False])
    return order["source"].head(len(PLACES))


def beside_largest(sizes: Floats) -> float:
    """Give the share of records that are not in the largest source.

    >>> beside_largest(np.array([3.0, 1.0]))
    0.25
    """
    return 1.0 - float(sizes.max() / sizes.sum()) if len(sizes) else 0.0


def levels_of_sources(sources: Column, places: Ints, left: Ints, right: Ints) -> npt.NDArray[np.int16]:
    """Give the level of each pair; `places` are those of the sources by code."""
    one, other = sources.codes.take(left), sources.codes.take(right)
    return np.where(one == other, places.take(one), TWO_SOURCES).astype(np.int16)


def of_one_person(counts: Floats, by_chance: Floats) -> Floats:
    """Give the chance of each level for one person, from how many pairs have it and from its chance for strangers.

    Where there are few pairs it is that of strangers, so that nothing follows from it.

    >>> of_one_person(np.zeros(2), np.array([0.75, 0.25])).tolist()
    [0.75, 0.25]
    """
    expected = counts.sum() * by_chance
    found = by_chance * (counts + ADDED) / (expected + ADDED)
    return np.asarray(found / found.sum(), dtype=np.float64)
