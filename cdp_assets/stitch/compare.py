"""Says how well the fields of record pairs agree, as small levels: 0 is equal, higher is worse, -1 is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rapidfuzz import distance, process

from cdp_assets.stitch.encode import Bools, Encoded, Ints, Levels, value_pairs
from cdp_assets.stitch.normalise import nicknames

Judge = Callable[[list[str], list[str]], Levels]
WORKERS = 2
LEAST_FILLED = 0.01
"""A field that hardly any record has is not compared."""


@dataclass(frozen=True)
class Field:
    """A compared field: the column that must be filled for it, and how many levels it has."""

    column: str
    levels: int


FIELDS: Mapping[str, Field] = {
    "given_name": Field("given_name", 5),
    "surname": Field("surname", 5),
    "email": Field("email", 5),
    "phone": Field("phone", 3),
    "address": Field("address", 6),
    "birthdate": Field("birthdate", 6),
    "gender": Field("gender", 2),
    "postal": Field("postal", 2),
    "city": Field("city", 2),
    "company": Field("company", 2),
}
PLACE = ("postal", "city")
"""Compared on their own only where there is no address, which is judged together with them."""


def fields_of(encoded: Encoded) -> list[str]:
    """Give the fields that these records can be compared by."""
    filled = [name for name, field in FIELDS.items() if encoded[field.column].filled() > LEAST_FILLED]
    return [name for name in filled if name not in PLACE or "address" not in filled]


def compare(encoded: Encoded, fields: list[str], left: Ints, right: Ints) -> npt.NDArray[np.int8]:
    """Give the level of each field (columns, in the order of `fields`) for each pair (rows)."""
    found = {name: _level(encoded, name, left, right) for name in fields}
    if "given_name" in found and "surname" in found:
        swapped = _swapped(encoded, left, right)
        found["given_name"][swapped] = 1
        found["surname"][swapped] = 1
    return np.stack([found[name] for name in fields], axis=1) if fields else np.zeros((len(left), 0), np.int8)


def _level(encoded: Encoded, name: str, left: Ints, right: Ints) -> Levels:
    if name == "address":
        return _addresses(encoded, left, right)
    return value_pairs(encoded[name], left, right).levels(_JUDGES.get(name, _different))


def _different(left: list[str], _: list[str]) -> Levels:
    return np.ones(len(left), dtype=np.int8)


def _similarity(left: list[str], right: list[str]) -> npt.NDArray[np.float32]:
    scorer = distance.JaroWinkler.similarity
    return np.asarray(process.cpdist(left, right, scorer=scorer, workers=WORKERS, dtype=np.float32))


def _edits(left: list[str], right: list[str], at_most: int) -> npt.NDArray[np.float32]:
    """Count edits, up to `at_most` and one more for every larger number."""
    scorer = distance.OSA.distance
    found = process.cpdist(left, right, scorer=scorer, workers=WORKERS, dtype=np.float32, score_cutoff=at_most)
    return np.asarray(found)


def _where(left: list[str], right: list[str], say: Callable[[str, str], bool]) -> Bools:
    return np.fromiter((say(a, b) for a, b in zip(left, right, strict=True)), dtype=np.bool_, count=len(left))


def _name_base(left: list[str], right: list[str]) -> tuple[Levels, Bools]:
    """Give 3 for names that sound alike and 4 for others, and which differ by a slip of the pen."""
    similar = _similarity(left, right)
    shortest = np.fromiter((min(len(a), len(b)) for a, b in zip(left, right, strict=True)), np.int16, len(left))
    slip = ((_edits(left, right, 2) <= 1) & (shortest > 3)) | ((similar >= 0.93) & (shortest > 4))
    return np.where(similar >= 0.8, 3, 4).astype(np.int8), slip


def _given_names(left: list[str], right: list[str]) -> Levels:
    """1 a slip of the pen, 2 a nickname or an initial, 3 alike, 4 another name."""
    levels, slip = _name_base(left, right)
    levels[_where(left, right, lambda a, b: (a, b) in nicknames.NICKNAME_PAIRS)] = 2
    levels[_where(left, right, lambda a, b: min(len(a), len(b)) == 1 and a[0] == b[0])] = 2
    levels[slip] = 1
    return levels


def _surnames(left: list[str], right: list[str]) -> Levels:
    """1 a slip of the pen, 2 one part of a double name, 3 alike, 4 another name."""
    levels, slip = _name_base(left, right)
    levels[_where(left, right, _is_part)] = 2
    levels[slip] = 1
    return levels


def _is_part(one: str, other: str) -> bool:
    pieces, others = (set(name.replace("-", " ").split()) for name in (one, other))
    return pieces != others and (pieces < others or others < pieces)


def _emails(left: list[str], right: list[str]) -> Levels:
    """1 a slip of the pen, 2 the same name with digits elsewhere, 3 the same name elsewhere, 4 another address.

    Digits must agree for a slip: `ann23` and `ann26` are two people more often than one.
    """
    locals_ = [([text.partition("@")[0] for text in side]) for side in (left, right)]
    digits = [["".join(filter(str.isdigit, text)) for text in side] for side in locals_]
    same_digits = _where(digits[0], digits[1], lambda a, b: a == b)
    same_local = _where(locals_[0], locals_[1], lambda a, b: a == b)
    has_digits = np.fromiter((bool(text) for text in digits[0]), np.bool_, len(left))
    levels = np.full(len(left), 4, dtype=np.int8)
    levels[(_edits(left, right, 2) <= 1) & same_digits] = 1
    levels[same_local] = np.where(has_digits, 2, 3)[same_local]
    return levels


def _phones(left: list[str], right: list[str]) -> Levels:
    """1 one digit differs or two are swapped, 2 another number."""
    return np.where(_edits(left, right, 2) <= 1, 1, 2).astype(np.int8)


def _birthdates(left: list[str], right: list[str]) -> Levels:
    """1 a slip of the pen, month and day swapped or unknown; 2 two slips in one year; 3 one day of another year;
    4 one year; 5 another date."""
    edits = _edits(left, right, 3)
    year = _where(left, right, lambda a, b: a[:4] == b[:4])
    levels = np.where(year, 4, 5).astype(np.int8)
    levels[_where(left, right, lambda a, b: a[4:] == b[4:])] = 3
    levels[(edits <= 2) & year] = 2
    swapped = _where(left, right, lambda a, b: a[5:7] == b[8:] and a[8:] == b[5:7])
    first_of_year = _where(left, right, lambda a, b: "01-01" in (a[5:], b[5:]))
    levels[(edits <= 1) | (year & (swapped | first_of_year))] = 1
    return levels


def _near(left: list[str], right: list[str]) -> Levels:
    """1 at most two edits, 2 more."""
    return np.where(_edits(left, right, 3) <= 2, 1, 2).astype(np.int8)


_JUDGES: Mapping[str, Judge] = {
    "given_name": _given_names,
    "surname": _surnames,
    "email": _emails,
    "phone": _phones,
    "birthdate": _birthdates,
}


def _addresses(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    """0 one address, 1 with a slip of the pen, 2 another unit of it, 3 one postal code, 4 one town, 5 elsewhere."""
    pairs = value_pairs(encoded["address"], left, right)
    near = pairs.levels(_near)
    postal, city, unit = (_agreement(encoded, name, left, right) for name in ("postal", "city", "unit"))
    same_place = (postal == 1) | (city == 1)
    place = np.where(postal == 1, 3, np.where(city == 1, 4, 5)).astype(np.int8)
    one_unit = unit != 0
    levels = np.full(len(left), -1, dtype=np.int8)
    known = pairs.both | (postal >= 0)
    levels[known] = place[known]
    levels[(near == 1) & same_place & one_unit] = 1
    levels[pairs.equal & ~(same_place | (postal < 0))] = 2
    levels[pairs.equal & ~one_unit & same_place] = 2
    levels[pairs.equal & one_unit & (same_place | (postal < 0))] = 0
    return levels


def _agreement(encoded: Encoded, name: str, left: Ints, right: Ints) -> Levels:
    """Give 1 for equal, 0 for different, -1 where one is null."""
    one, other = encoded[name].codes[left], encoded[name].codes[right]
    return np.where((one < 0) | (other < 0), -1, one == other).astype(np.int8)


def _swapped(encoded: Encoded, left: Ints, right: Ints) -> Bools:
    """Say where given name and surname stand in each other's place."""
    given, surname = encoded["given_name"], encoded["surname"]
    numbers = {name: number for number, name in enumerate(sorted({*given.values, *surname.values}))}
    givens, surnames = (
        np.array([*(numbers[value] for value in column.values), -1], dtype=np.int64)[column.codes]
        for column in (given, surname)
    )
    crossed = (givens[left] == surnames[right]) & (surnames[left] == givens[right])
    return np.asarray(
        crossed & (givens[left] >= 0) & (surnames[left] >= 0) & (givens[left] != surnames[left]), dtype=np.bool_
    )
