"""The towns, streets and homes of invented customers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from faker import Faker

from benchmarks.customers.words import STATES, STREET_WORDS, Names, Shares, Texts

Numbers = npt.NDArray[np.int64]
STREETS = 6000
STORES = 60


@dataclass(frozen=True, eq=False)
class Towns:
    """Towns with their state and first postal code, and the streets that may be in any of them."""

    names: Texts
    states: Texts
    postals: Numbers
    shares: Shares
    streets: Texts


@dataclass(eq=False)
class Homes:
    """Addresses, one per row: which town and street, the house, the flat (0: none), the postal code."""

    town: Numbers
    house: Numbers
    street: Numbers
    flat: Numbers
    postal: Numbers


@dataclass(frozen=True, eq=False)
class Stores:
    """The addresses that a till notes as its customer's."""

    addresses: list[str]
    town: Numbers


def towns(draw: np.random.Generator, seed: int, names: Names, records: int) -> Towns:
    """Make towns and streets; the more records, the more towns."""
    Faker.seed(seed)
    words = Faker("en_US")
    kinds = list(STREET_WORDS)
    numbers = zip(draw.integers(0, len(names.surnames), STREETS), draw.integers(0, len(kinds), STREETS), strict=True)
    streets = [
        f"{names.surnames[surname] if draw.random() < 0.6 else words.word().title()} {kinds[kind]}"
        for surname, kind in numbers
    ]
    count = max(40, min(1500, records // 200))
    cities = [words.city() for _ in range(count)]
    states = np.array(STATES, dtype=object)[draw.integers(0, len(STATES), count)]
    by_rank = 1 / np.arange(1, count + 1) ** 0.7
    postals = draw.integers(10000, 99000, count)
    return Towns(
        np.array(cities, dtype=object), states, postals, by_rank / by_rank.sum(), np.array(streets, dtype=object)
    )


def homes(draw: np.random.Generator, count: int, towns: Towns) -> Homes:
    """Make addresses."""
    town = draw.choice(len(towns.names), size=count, p=towns.shares)
    house, street = draw.integers(1, 9999, count), draw.integers(0, STREETS, count)
    flat = np.where(draw.random(count) < 0.22, draw.integers(1, 400, count), 0)
    return Homes(town, house, street, flat, towns.postals[town] + draw.integers(0, 6, count))


def stores(draw: np.random.Generator, towns: Towns) -> Stores:
    """Make the stores' addresses."""
    kinds = list(STREET_WORDS)
    addresses = [f"{draw.integers(1, 999)} Mall {kinds[number % len(kinds)]}" for number in range(STORES)]
    return Stores(addresses, draw.integers(0, len(towns.names), STORES))
