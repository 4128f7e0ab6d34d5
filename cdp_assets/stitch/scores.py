"""Turns odds into the documented scores: 5 exact, 4 excellent, 3 high, 2 moderate, 1 weak, 0 no match.

The whole number is the category, the fraction the strength within it.
"""

from __future__ import annotations

import numpy as np

from cdp_assets.stitch.column import Bools, Floats

CATEGORIES = ("non_match", "weak", "moderate", "high", "excellent", "exact")
EDGES_BITS = (-18.0, -12.0, -6.0, 0.0, 8.0, 24.0)
"""Odds in bits where the categories 0, 1, 2, 3, 4 begin, and where 4 ends; even odds are a score of 3.0."""
EDGES_SCORE = (0.0, 1.0, 2.0, 3.0, 4.0, 4.99)
EXACT, NO_MATCH = 5.0, 0.0
LIMIT_BITS = 2 * EDGES_BITS[-1]
"""The odds of what is decided: beyond all that a model says."""
SCORE_DIGITS = 4
"""The decimals of a score that are kept."""


def scores(bits: Floats, exact: Bools, apart: Bools) -> Floats:
    """Give the score of each pair; `exact` pairs get 5.0 and pairs that must stay `apart` 0.0.

    >>> scores(np.array([0.0, 4.0, 99.0]), np.array([False] * 3), np.array([False] * 3)).tolist()
    [3.0, 3.5, 4.99]
    """
    found = np.interp(bits, EDGES_BITS, EDGES_SCORE)
    found = np.where(apart, NO_MATCH, found)
    return np.where(exact, EXACT, found)


def score_of(bits: float) -> float:
    """Give the score of odds that nothing overrules.

    >>> score_of(0.0)
    3.0
    """
    return round(float(np.interp(bits, EDGES_BITS, EDGES_SCORE)), SCORE_DIGITS)


def bits_of(score: float) -> float:
    """Give the least odds that reach a score; the inverse of `scores`."""
    return float(np.interp(score, EDGES_SCORE, EDGES_BITS))


def linking_bits(threshold: float) -> float:
    """Give the least odds that link; those of what is decided where no score of a model reaches the threshold.

    >>> linking_bits(3.0), linking_bits(5.0)
    (0.0, 48.0)
    """
    return bits_of(threshold) if threshold <= EDGES_SCORE[-1] else LIMIT_BITS


def categories(found: Floats) -> list[str]:
    """Name the category of each score."""
    return [CATEGORIES[int(score)] for score in found]
