"""What six systems know of invented people, and how they write it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.customers.errors import digit_slip, slip, written_phone
from benchmarks.customers.places import Homes, Stores
from benchmarks.customers.population import Population
from benchmarks.customers.words import JUNK_EMAILS, JUNK_NAMES, JUNK_PHONES, NICKNAMES, STREET_WORDS

Row = dict[str, Any]
COLUMNS = (
    "given_name", "middle_name", "surname", "full_name", "email", "phone", "address", "address2", "city", "state",
    "postal", "birthdate", "gender",
)  # fmt: skip
SOURCES: Mapping[str, float] = {
    "ecom": 0.28, "pos": 0.22, "loyalty": 0.2, "email_list": 0.12, "callcenter": 0.1, "catalog": 0.08
}  # fmt: skip
"""Each with its share of the records."""
COVERAGE: Mapping[str, tuple[float, ...]] = {
    "ecom": (0.99, 0.97, 0.7, 0.85, 0.12, 0.05),
    "pos": (0.93, 0.35, 0.6, 0.25, 0.05, 0.1),
    "loyalty": (1, 0.85, 0.85, 0.75, 0.75, 0.5),
    "email_list": (0.6, 1, 0.05, 0.05, 0.1, 0.02),
    "callcenter": (0.99, 0.3, 0.97, 0.4, 0.3, 0.1),
    "catalog": (1, 0.25, 0.35, 1, 0.05, 0.3),
}
"""How often each system asks for name, email, phone, address, birthdate, gender."""
TILL, CATALOG = "pos", "catalog"


class Chance(IntEnum):
    """What each of a record's random numbers decides."""

    MAIDEN = 0
    NICKNAME = 1
    WHICH_NICKNAME = 2
    GIVEN = 3
    SURNAME = 4
    SECOND_EMAIL = 5
    WHICH_PHONE = 6
    JUNK_NAME = 7
    CASE = 8
    SHAPE = 9
    EMAIL = 10
    PHONE = 11
    MOVED = 12
    ADDRESS = 13


@dataclass(frozen=True, eq=False)
class Asked:
    """Which values a system asked for."""

    name: bool
    email: bool
    phone: bool
    address: bool
    birthdate: bool
    gender: bool


class Clerk:
    """Writes down what a system knows of a person, one record after the other."""

    def __init__(self, draw: np.random.Generator, everybody: Population, stores: Stores) -> None:
        self._draw, self._all, self._stores = draw, everybody, stores

    def record(self, person: int, source: str, asked: Asked, chance: npt.NDArray[np.float64]) -> Row:
        """Write one record; `chance` holds a number for each member of Chance."""
        given, surname = self._name(person, chance)
        email, phone = self._email_of(person, chance), self._phone_of(person, chance)
        has_email, has_phone = asked.email and email is not None, asked.phone and phone > 0
        knows_birth = asked.birthdate and asked.name
        row: Row = {}
        if asked.name or not has_email:
            row |= self._written_name(given, surname, source, chance)
        row |= self._written_email(email, source, asked, chance) | self._written_phone(phone, asked, chance)
        if asked.address or not (has_email or has_phone or knows_birth):
            row |= self._written_address(person, source, chance)
        if asked.birthdate:
            row["birthdate"] = self._written_birthdate(self._all.people.born[person])
        if asked.gender:
            row["gender"] = "M" if self._all.people.male[person] else "F"
        return row

    def _name(self, person: int, chance: npt.NDArray[np.float64]) -> tuple[str, str]:
        people, surnames = self._all.people, self._all.names.surnames
        given, surname = people.given[person], surnames[people.surname[person]]
        maiden = surnames[people.maiden[person]] if people.maiden[person] >= 0 else None
        married = surname
        if maiden is not None and chance[Chance.MAIDEN] < 0.4:
            surname = maiden
        if given in NICKNAMES and chance[Chance.NICKNAME] < 0.22:
            given = NICKNAMES[given][int(chance[Chance.WHICH_NICKNAME] * len(NICKNAMES[given]))]
        elif chance[Chance.NICKNAME] > 0.975:
            given = given[0]
        if chance[Chance.GIVEN] < 0.05:
            given = slip(self._draw, given)
        if chance[Chance.SURNAME] < 0.06:
            return given, slip(self._draw, surname)
        if chance[Chance.SURNAME] < 0.068:
            return surname, given
        if chance[Chance.SURNAME] < 0.078 and maiden is not None:
            return given, f"{maiden}-{married}"
        return given, surname

    def _email_of(self, person: int, chance: npt.NDArray[np.float64]) -> str | None:
        second = self._all.mailboxes.second[person]
        if second is not None and chance[Chance.SECOND_EMAIL] < 0.35:
            return second
        return self._all.mailboxes.first[person]

    def _phone_of(self, person: int, chance: npt.NDArray[np.float64]) -> int:
        everybody, which = self._all, chance[Chance.WHICH_PHONE]
        landline = int(everybody.households.landline[everybody.people.household[person]])
        mobile, second = int(everybody.mobile[person]), int(everybody.second_mobile[person])
        if second and which < 0.35:
            mobile = second
        return landline if landline and (mobile == 0 or which > 0.8) else mobile

    def _written_name(self, given: str, surname: str, source: str, chance: npt.NDArray[np.float64]) -> Row:
        if chance[Chance.JUNK_NAME] < 0.004:
            given, surname = JUNK_NAMES[int(self._draw.integers(len(JUNK_NAMES)))]
        if chance[Chance.CASE] < 0.2:
            given, surname = given.upper(), surname.upper()
        elif chance[Chance.CASE] < 0.3:
            given, surname = given.lower(), surname.lower()
        shape = chance[Chance.SHAPE]
        if source == CATALOG or (source == TILL and shape < 0.4):
            return {"full_name": f"{given} {surname}" if shape < 0.85 else f"{surname}, {given}"}
        return {"given_name": given, "surname": surname}

    def _written_email(self, email: str | None, source: str, asked: Asked, chance: npt.NDArray[np.float64]) -> Row:
        if not asked.email:
            return {}
        if email is None:
            is_junk = source == TILL and chance[Chance.EMAIL] < 0.3
            return {"email": JUNK_EMAILS[int(self._draw.integers(len(JUNK_EMAILS)))]} if is_junk else {}
        if chance[Chance.EMAIL] < 0.02:
            email = slip(self._draw, email)
        if chance[Chance.EMAIL] > 0.985:
            email = JUNK_EMAILS[int(self._draw.integers(len(JUNK_EMAILS)))]
        return {"email": email if chance[Chance.CASE] > 0.2 else email.upper()}

    def _written_phone(self, phone: int, asked: Asked, chance: npt.NDArray[np.float64]) -> Row:
        if not asked.phone:
            return {}
        if phone == 0:
            is_junk = chance[Chance.PHONE] < 0.1
            return {"phone": JUNK_PHONES[int(self._draw.integers(len(JUNK_PHONES)))]} if is_junk else {}
        digits = str(phone)
        if chance[Chance.PHONE] < 0.025:
            digits = digit_slip(self._draw, digits)
        if chance[Chance.PHONE] > 0.988:
            digits = JUNK_PHONES[int(self._draw.integers(len(JUNK_PHONES)))]
        return {"phone": written_phone(self._draw, digits)}

    def _written_address(self, person: int, source: str, chance: npt.NDArray[np.float64]) -> Row:
        everybody = self._all
        if source == TILL and chance[Chance.ADDRESS] < 0.06:
            return self._store()
        if everybody.moved[person] and chance[Chance.MOVED] < 0.45:
            return self._home(everybody.second_homes, person, chance)
        return self._home(everybody.households.homes, int(everybody.people.household[person]), chance)

    def _store(self) -> Row:
        store, towns = int(self._draw.integers(len(self._stores.addresses))), self._all.towns
        town = self._stores.town[store]
        place = {"city": towns.names[town], "state": towns.states[town], "postal": str(towns.postals[town])}
        return {"address": self._stores.addresses[store], **place}

    def _home(self, homes: Homes, at: int, chance: npt.NDArray[np.float64]) -> Row:
        luck, towns, town = chance[Chance.ADDRESS], self._all.towns, homes.town[at]
        street, house = towns.streets[homes.street[at]], str(homes.house[at])
        if luck < 0.45:
            name, _, kind = street.rpartition(" ")
            street = f"{name} {STREET_WORDS[kind]}"
        if luck > 0.95:
            street = slip(self._draw, street)
        if luck > 0.985:
            house = digit_slip(self._draw, house)
        row = self._with_flat(f"{house} {street}", int(homes.flat[at]))
        if chance[Chance.CASE] <= 0.2:
            row["address"] = row["address"].upper()
        city = towns.names[town] if luck < 0.93 else slip(self._draw, towns.names[town])
        row |= {"city": city, "state": towns.states[town]}
        if not 0.5 < luck < 0.52:
            postal, box = str(homes.postal[at]), str(1000 + int(homes.house[at]) % 9000)
            row["postal"] = postal if chance[Chance.SHAPE] < 0.7 else f"{postal}-{box}"
        return row

    def _with_flat(self, address: str, flat: int) -> Row:
        if not flat:
            return {"address": address}
        way = self._draw.random()
        if way < 0.4:
            return {"address": address, "address2": f"Apt {flat}"}
        return {"address": address + (f" #{flat}" if way < 0.7 else f" Unit {flat}" if way < 0.85 else "")}

    def _written_birthdate(self, born: str) -> str:
        year, luck = born[:4], self._draw.random()
        if luck < 0.015:
            return f"{year}-01-01"
        if luck < 0.03:
            return digit_slip(self._draw, year) + born[4:]
        if luck < 0.045 and int(born[8:]) <= 12:
            return f"{year}-{born[8:]}-{born[5:7]}"
        return "1900-01-01" if luck < 0.05 else str(born)
