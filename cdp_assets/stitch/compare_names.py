"""Compares names: slips of the pen, nicknames, initials, parts of a double name, names in each other's place."""

from __future__ import annotations

from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.column import Bools, Column, Ints, Levels, column_of
from cdp_assets.stitch.encode import Encoded
from cdp_assets.stitch.similar import Judge, jaro_winkler, levels_of, of_distinct, within_edits

GIVEN = ("equal", "a slip of the pen", "a nickname or a part", "an initial", "alike", "different")
SURNAME = ("equal", "a slip of the pen", "a part of a double name", "alike", "different")
MIDDLE = ("equal", "an initial", "alike", "different")
SLIP_LETTERS, SIMILAR_LETTERS = 4, 5
"""Shorter names are too easily another name."""
MOST_STRANGE = 1
"""A name with more letters that another lacks is not taken for that one, in whose column it stands."""
SLIP, ALIKE = 0.93, 0.8
"""Jaro-Winkler similarities."""


def given_names(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give the levels of GIVEN."""
    return levels_of(encoded["given_name"], left, right, partial(_given, encoded.nicknames))


def surnames(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give the levels of SURNAME."""
    return levels_of(encoded["surname"], left, right, _surname)


def middle_names(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """Give the levels of MIDDLE."""
    return levels_of(encoded["middle_name"], left, right, _middle)


def crossed(encoded: Encoded, left: Ints, right: Ints, given: Levels, surname: Levels) -> None:
    """Mend the levels, in place, of pairs whose names stand in each other's columns.

    Both names swapped are a slip, and so they are with one more slip in them. A record with one name alone may hold it
    in either column: it is compared with the name of the other record that it fits.
    """
    places = _maybe_swapped(encoded, left, right, given, surname)
    swapped = places[_fit(encoded, left[places], right[places]) & _fit(encoded, right[places], left[places])]
    given[swapped] = surname[swapped] = 1
    one, two = encoded["given_as_name"].codes, encoded["surname_as_name"].codes
    for this, other in ((left, right), (right, left)):
        _lone(encoded, one[this], two[this], one[other], two[other], given, surname)


def _maybe_swapped(encoded: Encoded, left: Ints, right: Ints, given: Levels, surname: Levels) -> Ints:
    """Give the places of the pairs whose names differ as they stand, and whose letters agree crosswise."""
    one, two = encoded.name_initials
    places = np.flatnonzero(one.take(left) == two.take(right))
    left, right = left[places], right[places]
    known = (one[left] > 0) & (two[left] > 0) & ((given[places] > 1) | (surname[places] > 1))
    crosswise = np.flatnonzero(known & (two[left] == one[right]))
    left, right = left[crosswise], right[crosswise]
    return places[crosswise[_letters_fit(encoded, left, right) & _letters_fit(encoded, right, left)]]


def _letters_fit(encoded: Encoded, left: Ints, right: Ints) -> Bools:
    """Say whether the surname of `right` has all letters of the given name of `left`, or all but MOST_STRANGE."""
    names = encoded["given_as_name"]
    given, surname = names.letters[names.codes[left]], names.letters[encoded["surname_as_name"].codes[right]]
    return np.asarray(np.bitwise_count(given & ~surname) <= MOST_STRANGE)


def _fit(encoded: Encoded, left: Ints, right: Ints) -> Bools:
    """Say whether the given name of `left` is the surname of `right`, but for a slip.

    Of a name of several words the first may have been taken for the given name, the others for the middle name.
    """
    given, middle = _joined(encoded["given_name"], left), _joined(encoded["middle_name"], left)
    surname = _joined(encoded["surname"], right)
    names = column_of(pl.concat([given, given + middle.fill_null(""), surname]))
    alone, whole, other = np.split(names.codes, 3)
    return np.asarray(_same_but_for_a_slip(names, alone, other) | _same_but_for_a_slip(names, whole, other))


def _joined(column: Column, rows: Ints) -> pl.Series:
    """Give the letters of some records' names, those of several words together."""
    return column.texts_of(rows).str.replace_all(r"[ \-]", "")


def _same_but_for_a_slip(column: Column, left: Ints, right: Ints) -> Bools:
    return np.asarray((left == right) | _spelling(column, left, right)[1])


def _lone(
    encoded: Encoded, given: Ints, surname: Ints, other_given: Ints, other_surname: Ints, first: Levels, last: Levels
) -> None:
    """Mend the pairs of which one record has a single name; what fits no better elsewhere stays."""
    names = encoded["given_as_name"]
    lone_given = np.flatnonzero((given >= 0) & (surname < 0) & (other_surname >= 0) & ((first < 0) | (first > 3)))
    cross = _levels(names, given[lone_given], other_surname[lone_given], _surname)
    fits = cross <= 2
    first[lone_given[fits]], last[lone_given[fits]] = -1, cross[fits]
    lone_surname = np.flatnonzero((surname >= 0) & (given < 0) & (other_given >= 0) & ((last < 0) | (last > 2)))
    cross = _levels(names, surname[lone_surname], other_given[lone_surname], partial(_given, encoded.name_nicknames))
    fits = cross <= 3
    last[lone_surname[fits]], first[lone_surname[fits]] = -1, cross[fits]


def _levels(column: Column, left: Ints, right: Ints, judge: Judge) -> Levels:
    """Give what `judge` says of pairs of codes, 0 where they are equal."""
    found = np.zeros(len(left), dtype=np.int8)
    places = np.flatnonzero(left != right)
    if len(places):
        found[places] = judge(column, left[places], right[places])
    return found


def _given(nicknames: npt.NDArray[np.int64], column: Column, left: Ints, right: Ints) -> Levels:
    alike, slip = _spelling(column, left, right)
    levels = np.where(alike, np.int8(4), np.int8(5))
    levels[_initial(column, left, right)] = 3
    levels[np.isin(column.spelled(left, right), nicknames) | _part(column, left, right)] = 2
    levels[slip] = 1
    return levels


def _middle(column: Column, left: Ints, right: Ints) -> Levels:
    alike, slip = _spelling(column, left, right)
    levels = np.where(alike | slip | _part(column, left, right), np.int8(2), np.int8(3))
    levels[_initial(column, left, right)] = 1
    return levels


def _surname(column: Column, left: Ints, right: Ints) -> Levels:
    alike, slip = _spelling(column, left, right)
    levels = np.where(alike, np.int8(3), np.int8(4))
    levels[_part(column, left, right)] = 2
    levels[slip] = 1
    return levels


def _spelling(column: Column, left: Ints, right: Ints) -> tuple[Bools, Bools]:
    """Say which pairs sound alike, and which differ by a slip of the pen."""
    shortest = np.minimum(column.lengths[left], column.lengths[right])
    alike = jaro_winkler(column, left, right, ALIKE)
    slip = within_edits(column, left, right, 1) & (shortest >= SLIP_LETTERS)
    near = np.flatnonzero(alike & ~slip & (shortest >= SIMILAR_LETTERS))
    slip[near] = jaro_winkler(column, left[near], right[near], SLIP)
    return alike, slip


def _initial(column: Column, left: Ints, right: Ints) -> Bools:
    one = np.minimum(column.lengths[left], column.lengths[right]) == 1
    return np.asarray(one & (column.initials[left] == column.initials[right]), dtype=np.bool_)


def _part(column: Column, left: Ints, right: Ints) -> Bools:
    """Say where the parts of one name are among those of the other: SMITH and SMITH-JONES."""
    found = np.zeros(len(left), dtype=np.bool_)
    places = np.flatnonzero(column.compound[left] | column.compound[right])
    if len(places):
        found[places] = of_distinct(column, left[places], right[places], _all_parts)
    return found


def _all_parts(left: list[str], right: list[str]) -> Bools:
    return np.fromiter((_is_part(one, other) for one, other in zip(left, right, strict=True)), np.bool_, len(left))


def _is_part(one: str, other: str) -> bool:
    pieces, others = (set(name.replace("-", " ").split()) for name in (one, other))
    return pieces != others and (pieces < others or others < pieces)
