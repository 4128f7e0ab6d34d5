"""Says which pairs of texts are alike; most pairs are ruled out by their letters and lengths before they are read.

A pair is given as two codes of one column. The filters are bounds: they never change an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import distance, process

from cdp_assets.stitch.column import Bools, Column, Ints, Levels

Judge = Callable[[Column, Ints, Ints], Levels]
LONGEST_PREFIX, PREFIX_WEIGHT = 4, 0.1
"""Winkler's own constants; source: Winkler (1990), String Comparator Metrics."""


def within_edits(column: Column, left: Ints, right: Ints, at_most: int) -> Bools:
    """Say which pairs differ by at most so many edits: a letter added, dropped, changed, or two swapped."""
    lengths, letters = column.lengths, column.letters
    other = np.bitwise_count(letters[left] ^ letters[right])
    possible = (np.abs(lengths[left] - lengths[right]) <= at_most) & (other <= 2 * at_most)
    return _where(possible, column, left, right, lambda one, two: edits(one, two, at_most))


def jaro_winkler(column: Column, left: Ints, right: Ints, at_least: float) -> Bools:
    """Say which pairs reach a Jaro-Winkler similarity."""
    one, two = column.lengths[left].astype(np.float32), column.lengths[right].astype(np.float32)
    letters, others = column.letters[left], column.letters[right]
    common = np.minimum(one - np.bitwise_count(letters & ~others), two - np.bitwise_count(others & ~letters))
    jaro = (common / np.maximum(one, 1) + common / np.maximum(two, 1) + 1) / 3
    possible = (common > 0) & (jaro + LONGEST_PREFIX * PREFIX_WEIGHT * (1 - jaro) >= at_least)
    return _where(possible, column, left, right, lambda a, b: similarities(a, b) >= at_least)


def _where(
    possible: Bools, column: Column, left: Ints, right: Ints, judge: Callable[[list[str], list[str]], Bools]
) -> Bools:
    """Ask `judge` about the distinct pairs that are possible."""
    found = np.zeros(len(left), dtype=np.bool_)
    places = np.flatnonzero(possible)
    if len(places):
        found[places] = of_distinct(column, left[places], right[places], judge)
    return found


def of_distinct(
    column: Column, left: Ints, right: Ints, judge: Callable[[list[str], list[str]], npt.NDArray[Any]]
) -> npt.NDArray[Any]:
    """Give what `judge` says of each pair of texts, asking once per distinct pair."""
    low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right)
    spelled, places = np.unique(low * len(column) + high, return_inverse=True)
    one, two = column.values[spelled // len(column)].tolist(), column.values[spelled % len(column)].tolist()
    return judge(one, two)[places]


def edits(left: list[str], right: list[str], at_most: int) -> Bools:
    """Say which pairs of texts differ by at most so many edits, each of them read."""
    scorer = distance.OSA.distance
    found = process.cpdist(left, right, scorer=scorer, dtype=np.int32, score_cutoff=at_most)
    return np.asarray(found <= at_most)


def similarities(left: list[str], right: list[str]) -> npt.NDArray[np.float32]:
    """Give the Jaro-Winkler similarity of each pair of texts."""
    scorer = distance.JaroWinkler.similarity
    return np.asarray(process.cpdist(left, right, scorer=scorer, dtype=np.float32))


def levels_of(column: Column, left: Ints, right: Ints, judge: Judge) -> Levels:
    """Give 0 for equal values, what `judge` says of the codes of unequal ones, and -1 where one is null."""
    one, two = column.codes.take(left), column.codes.take(right)
    found = np.where((one < 0) | (two < 0), np.int8(-1), np.int8(0))
    places = np.flatnonzero((one != two) & (found == 0))
    if len(places):
        found[places] = judge(column, *(codes.take(places).astype(np.int64) for codes in (one, two)))
    return found
