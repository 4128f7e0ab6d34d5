"""Compares addresses, towns and postal codes."""

from __future__ import annotations

import numpy as np
import polars as pl
from rapidfuzz import fuzz, process

from cdp_assets.stitch.column import Column, Ints, Levels
from cdp_assets.stitch.encode import Encoded
from cdp_assets.stitch.similar import jaro_winkler, levels_of, of_distinct, within_edits

ADDRESS = (
    "equal", "a slip of the pen", "another unit", "another number of the street", "the same postal code",
    "the same town", "elsewhere",
)  # fmt: skip
WORDING = ("equal", "nearly equal", "very alike", "alike", "somewhat alike", "different")
WORDING_FROM = (91, 82, 72, 62)
"""Least similarities, of 100, of the levels of WORDING."""
POSTAL = ("equal", "one character differs", "the same area", "different")
CITY = ("equal", "alike", "different")
CITY_ALIKE = 0.9


def addresses(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give the levels of ADDRESS; where a street is not known, the postal code and the town still say something."""
    postal, city, unit = (_agreement(encoded[name], left, right) for name in ("postal", "city", "unit"))
    same_place, other_unit = (postal == 1) | (city == 1), unit == 0
    street = encoded["address"]
    one, two = street.codes[left], street.codes[right]
    both = (one >= 0) & (two >= 0)
    levels = np.where(postal == 1, 4, np.where(city == 1, 5, 6)).astype(np.int8)
    levels[~both & (postal < 0)] = -1
    near = np.flatnonzero(both & (one != two) & same_place & ~other_unit)
    levels[near] = np.minimum(levels[near], _street(encoded, left[near], right[near]))
    equal = both & (one == two)
    levels[equal & (other_unit | ~(same_place | (postal < 0)))] = 2
    levels[equal & ~other_unit & (same_place | (postal < 0))] = 0
    return levels


def _street(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give 1 for a slip in the street, 3 for one in the number, 6 for another street."""
    street = encoded["address"]
    one, two = street.codes[left], street.codes[right]
    levels = np.full(len(left), 6, dtype=np.int8)
    slips = np.flatnonzero(within_edits(street, one, two, 2))
    same_number = _numbers(street, one[slips]).eq_missing(_numbers(street, two[slips]))
    levels[slips] = np.where(same_number, 1, 3)
    return levels


def _numbers(street: Column, codes: Ints) -> pl.Series:
    """Give the house numbers of some addresses; few are asked for."""
    return pl.Series(street.values[codes], dtype=pl.String).str.extract(r"(\d+)")


def wordings(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give the levels of WORDING, for addresses whose parts stand on either line."""
    return levels_of(encoded["address_words"], left, right, _wording)


def postals(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give the levels of POSTAL."""
    found = levels_of(encoded["postal"], left, right, _postal)
    area = encoded["postal_area"].codes
    found[(found == 3) & (area[left] == area[right])] = 2
    return found


def cities(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give the levels of CITY."""
    return levels_of(encoded["city"], left, right, _city)


def _wording(column: Column, left: Ints, right: Ints) -> Levels:
    return of_distinct(column, left, right, _wordings)


def _wordings(left: list[str], right: list[str]) -> Levels:
    closed = [[text.replace(" ", "") for text in side] for side in (left, right)]
    alike = np.maximum(
        process.cpdist(*closed, scorer=fuzz.ratio, dtype=np.float32),
        process.cpdist(left, right, scorer=fuzz.token_set_ratio, dtype=np.float32),
    )
    levels = np.full(len(left), len(WORDING) - 1, dtype=np.int8)
    for level, least in reversed(list(enumerate(WORDING_FROM, start=1))):
        levels[alike >= least] = level
    return levels


def _postal(column: Column, left: Ints, right: Ints) -> Levels:
    return np.where(within_edits(column, left, right, 1), 1, 3).astype(np.int8)


def _city(column: Column, left: Ints, right: Ints) -> Levels:
    return np.where(jaro_winkler(column, left, right, CITY_ALIKE), 1, 2).astype(np.int8)


def _agreement(column: Column, left: Ints, right: Ints) -> Levels:
    """Give 1 for equal, 0 for different, -1 where one is null."""
    one, two = column.codes[left], column.codes[right]
    return np.where((one < 0) | (two < 0), -1, one == two).astype(np.int8)
