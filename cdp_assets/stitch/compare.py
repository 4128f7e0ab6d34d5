"""Says how well the fields of record pairs agree, as small levels: 0 is equal, higher is worse, -1 is not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cdp_assets.stitch import compare_contacts as contacts
from cdp_assets.stitch import compare_names as names
from cdp_assets.stitch import compare_places as places
from cdp_assets.stitch.column import NOT_KNOWN, Column, Floats, Ints, Levels
from cdp_assets.stitch.encode import Encoded
from cdp_assets.stitch.namesakes import CLASSES, NAMESAKES
from cdp_assets.stitch.repeats import LEVELS, REPEATS, beside_largest
from cdp_assets.stitch.similar import jaro_winkler, levels_of

LEAST_FILLED = 0.01
"""A field that hardly any record has is not compared."""
EQUAL_OR_NOT = ("equal", "different")
COMPANY = ("equal", "alike", "different")
COMPANY_ALIKE = 0.9


@dataclass(frozen=True)
class Field:
    """A compared field: the column that must be filled for it, its levels in words, and who gives them."""

    column: str
    levels: Sequence[str]
    judge: Callable[[Encoded, Ints, Ints], Levels]


def _equality(name: str) -> Field:
    return Field(name, EQUAL_OR_NOT, lambda encoded, left, right: levels_of(encoded[name], left, right, _different))


def _different(_: Column, left: Ints, __: Ints) -> Levels:
    return np.ones(len(left), dtype=np.int8)


def _companies(encoded: Encoded, left: Ints, right: Ints) -> Levels:
    return levels_of(encoded["company"], left, right, _company)


def _company(column: Column, left: Ints, right: Ints) -> Levels:
    return np.where(jaro_winkler(column, left, right, COMPANY_ALIKE), 1, 2).astype(np.int8)


def _not_known(_: Encoded, left: Ints, __: Ints) -> Levels:
    return np.full(len(left), NOT_KNOWN, dtype=np.int8)


FIELDS: Mapping[str, Field] = {
    "given_name": Field("given_name", names.GIVEN, names.given_names),
    "surname": Field("surname", names.SURNAME, names.surnames),
    "email": Field("email", contacts.EMAIL, contacts.emails),
    "phone": Field("phone", contacts.PHONE, contacts.phones),
    "address": Field("address", places.ADDRESS, places.addresses),
    "address_words": Field("address_words", places.WORDING, places.wordings),
    "postal": Field("postal", places.POSTAL, places.postals),
    "city": Field("city", places.CITY, places.cities),
    "birthdate": Field("birthdate", contacts.BIRTHDATE, contacts.birthdates),
    "gender": _equality("gender"),
    "middle_name": Field("middle_name", names.MIDDLE, names.middle_names),
    "company": Field("company", COMPANY, _companies),
    REPEATS: Field("datasource", LEVELS, _not_known),
    NAMESAKES: Field("full_name", CLASSES, _not_known),
}
TOLD = (REPEATS, NAMESAKES)
"""Fields whose level two records alone do not tell, but what is counted of all."""
PLACE = ("postal", "city")
"""Compared on their own only where `address` is not, which is judged together with them."""


def fields_of(encoded: Encoded) -> list[str]:
    """Give the fields that these records can be compared by."""
    filled = {name: encoded[field.column].filled() for name, field in FIELDS.items()}
    return fields_filled(filled, encoded["datasource"].counts())


def fields_filled(shares: Mapping[str, float], sizes: Floats) -> list[str]:
    """Give the fields that records can be compared by.

    Args:
        shares: Of the records, how many have a value in each field. Sources tell of those that are not in the largest.
        sizes: How many records each source has.
    """
    shares = {**shares, REPEATS: beside_largest(sizes)}
    filled = [name for name in FIELDS if shares[name] > LEAST_FILLED]
    if "address_words" in filled:
        return [name for name in filled if name != "address"]
    return [name for name in filled if name not in PLACE or "address" not in filled]


def compare(encoded: Encoded, fields: Sequence[str], left: Ints, right: Ints) -> npt.NDArray[np.int8]:
    """Give the level of each field (columns, in the order of `fields`) for each pair (rows)."""
    found = np.empty((len(left), len(fields)), dtype=np.int8, order="F")
    left, right = left.astype(np.int64), right.astype(np.int64)
    for place, name in enumerate(fields):
        found[:, place] = FIELDS[name].judge(encoded, left, right)
    if "given_name" in fields and "surname" in fields:
        names.crossed(encoded, left, right, found[:, fields.index("given_name")], found[:, fields.index("surname")])
    return found
