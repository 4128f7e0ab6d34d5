"""An ordinary town of several hundred people, in which a case's few records are resolved.

The model learns from the records that it sees: four records alone would teach it nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve

_GIVEN = """
James Mary Robert Patricia John Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica
Thomas Sarah Charles Karen Daniel Nancy Matthew Lisa Anthony Betty Mark Margaret Donald Sandra Steven Ashley Paul
Kimberly Andrew Emily Joshua Donna Kenneth Michelle Kevin Carol Brian Amanda George Melissa Edward
"""
_SURNAMES = """
Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez Wilson Anderson
Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark Ramirez Lewis Robinson Walker Young Allen
King Wright Scott Torres Nguyen Hill Flores Green Adams Nelson Baker Hall Rivera Campbell Mitchell Carter
"""
GIVEN, SURNAMES = _GIVEN.split(), _SURNAMES.split()
STREETS = ("Oak", "Maple", "Cedar", "Pine", "Elm", "Walnut", "Spruce", "Birch", "Willow", "Chestnut")
TOWNS = (("Seattle", "WA", "98101"), ("Portland", "OR", "97201"), ("Boise", "ID", "83701"), ("Reno", "NV", "89501"))
SOURCES = ("shop:customers", "pos:shoppers", "mail:list")
HOUSEHOLDS = 160
Record = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A few records and who they are: `ab c` says that a and b are one person and c is another.

    Records that `people` does not name may be anybody.
    """

    people: str
    records: Mapping[str, Record]


def case(people: str, **records: Record) -> Case:
    """Make a case of named records; a name is one letter."""
    return Case(people, records)


def who(name: str | None = None, /, **values: Any) -> Record:
    """Make a record; the first word of `name` is the given name."""
    given, _, surname = (name or "").partition(" ")
    return {"given_name": given or None, "surname": surname or None} | values


def town(seed: int = 7, households: int = HOUSEHOLDS) -> list[Record]:
    """Give the records of the town's households: one to four people who share a surname, a home and a landline."""
    draw = np.random.default_rng(seed)
    return [record for number in range(households) for record in _household(draw, number)]


def _household(draw: np.random.Generator, number: int) -> list[Record]:
    surname, street = SURNAMES[int(draw.zipf(1.4)) % len(SURNAMES)], STREETS[draw.integers(len(STREETS))]
    city, state, postal = TOWNS[draw.integers(len(TOWNS))]
    home = {"address": f"{draw.integers(1, 9999)} {street} Street", "city": city, "state": state, "postal": postal}
    landline = f"206{draw.integers(2_000_000, 9_999_999)}"
    names = draw.choice(GIVEN, size=int(draw.integers(1, 5)), replace=False)
    return [
        record
        for place, given in enumerate(names)
        for record in _person(draw, f"{number}-{place}", str(given), surname, home, landline)
    ]


def _person(draw: np.random.Generator, key: str, given: str, surname: str, home: Record, landline: str) -> list[Record]:
    email = f"{given}.{surname}{draw.integers(10, 9999)}@mail.com".lower()
    phone = landline if draw.random() < 0.3 else f"503{draw.integers(2_000_000, 9_999_999)}"
    born = f"{draw.integers(1940, 2005)}-{draw.integers(1, 13):02d}-{draw.integers(1, 29):02d}"
    full = {"given_name": given, "surname": surname, "email": email, "phone": phone, "birthdate": born, **home}
    records = []
    for source in SOURCES[: int(draw.integers(1, 4))]:
        kept = {name: value for name, value in full.items() if name == "surname" or draw.random() < 0.75}
        if draw.random() < 0.05:
            kept["surname"] = surname[:-1]
        records.append({"datasource": source, "pk": key, **kept})
    return records


def frame(records: list[Record]) -> pl.DataFrame:
    """Give records as Stitch gets them: every column text or null."""
    names = dict.fromkeys(["datasource", "pk", *(name for record in records for name in record)])
    return pl.DataFrame({name: pl.Series([record.get(name) for record in records], dtype=pl.String) for name in names})


def ids_of(records: pl.DataFrame, **settings: Any) -> dict[tuple[str, str], str]:
    """Resolve records; give the id of each (datasource, pk)."""
    found = resolve(records, Stitch.model_validate(settings), Given(key=b"k" * 32)).assigned.ids
    return {(datasource, pk): amperity_id for datasource, pk, amperity_id in found.rows()}


def with_cases(cases: Mapping[str, Case], households: int = HOUSEHOLDS) -> pl.DataFrame:
    """Give the town's records and those of every case; a record's key is `<case>/<letter>`."""
    theirs = [
        {"datasource": SOURCES[place % 3], "pk": f"{name}/{letter}"} | record
        for name, one in cases.items()
        for place, (letter, record) in enumerate(one.records.items())
    ]
    return frame(town(households=households) + theirs)


def people_found(name: str, one: Case, ids: Mapping[tuple[str, str], str]) -> str:
    """Say who a case's named records were taken for, spelled as `Case.people`."""
    of_letter = {pk.rpartition("/")[2]: found for (_, pk), found in ids.items() if pk.rpartition("/")[0] == name}
    letters = sorted(one.people.replace(" ", ""))
    groups: dict[str, str] = {}
    for letter in letters:
        groups[of_letter[letter]] = groups.get(of_letter[letter], "") + letter
    return " ".join(sorted(groups.values()))
