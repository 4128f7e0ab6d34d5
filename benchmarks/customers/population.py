"""The invented people: who lives with whom, what they are called, how they are reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.customers.emails import Mailboxes, mailboxes
from benchmarks.customers.places import Homes, Numbers, Towns, homes
from benchmarks.customers.words import Names, Texts

Bools = npt.NDArray[np.bool_]
HOUSEHOLD_SIZES = {1: 0.38, 2: 0.29, 3: 0.15, 4: 0.12, 5: 0.06}
PHONES = 2_012_000_000, 9_899_999_999
TODAY = np.datetime64("2024-01-01")
NONE = -1


@dataclass(eq=False)
class Households:
    """Per household: its home, surname, landline (0: none), the age of its adults. `size` of each, in order."""

    sizes: Numbers
    homes: Homes
    surname: Numbers
    landline: Numbers
    age: Numbers


@dataclass(eq=False)
class People:
    """Per person: household and place in it, sex, age, names (`maiden`: NONE or a surname), and when they were born."""

    household: Numbers
    place: Numbers
    male: Bools
    age: Numbers
    birthday: Numbers
    given: Texts
    surname: Numbers
    maiden: Numbers
    born: npt.NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Population:
    """Everybody, with the ways to reach them; a phone of 0 is none."""

    names: Names
    towns: Towns
    households: Households
    people: People
    moved: Bools
    second_homes: Homes
    mobile: Numbers
    second_mobile: Numbers
    mailboxes: Mailboxes


def population(draw: np.random.Generator, names: Names, towns: Towns, count: int) -> Population:
    """Make `count` people."""
    households, household = _households(draw, names, towns, count)
    people = _people(draw, names, households, household)
    moved, second_homes = _moves(draw, towns, households, len(household))
    mobile, second_mobile = _mobiles(draw, people)
    boxes = mailboxes(draw, names, people, len(households.sizes))
    return Population(names, towns, households, people, moved, second_homes, mobile, second_mobile, boxes)


def _households(draw: np.random.Generator, names: Names, towns: Towns, count: int) -> tuple[Households, Numbers]:
    sizes = draw.choice(list(HOUSEHOLD_SIZES), size=count, p=list(HOUSEHOLD_SIZES.values()))
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), count)) + 1]
    number = len(sizes)
    addresses = homes(draw, number, towns)
    surname = draw.choice(len(names.surnames), size=number, p=names.surname_shares)
    landline = np.where(draw.random(number) < 0.45, draw.integers(*PHONES, number), 0)
    households = Households(sizes, addresses, surname, landline, draw.integers(25, 80, number))
    return households, np.repeat(np.arange(number), sizes)[:count]


def _people(draw: np.random.Generator, names: Names, households: Households, household: Numbers) -> People:
    """Give the first two of a household about its age, and the others that of their children."""
    count = len(household)
    place = np.concatenate([np.arange(size) for size in households.sizes])[:count]
    male = draw.random(count) < 0.5
    male = np.where(place == 1, np.where(draw.random(count) < 0.93, ~np.roll(male, 1), male), male)
    adults_age = households.age[household] + draw.integers(-4, 5, count)
    childrens_age = np.maximum(3, households.age[household] - draw.integers(20, 38, count))
    age, birthday = np.where(place < 2, adults_age, childrens_age), draw.integers(0, 365, count)
    men = draw.choice(len(names.men), size=count, p=names.men_shares)
    women = draw.choice(len(names.women), size=count, p=names.women_shares)
    given = np.where(male, names.men[men % len(names.men)], names.women[women % len(names.women)]).astype(object)
    surname = households.surname[household].copy()
    other = draw.random(count) < np.where(place == 1, 0.22, np.where(place == 0, 0, 0.06))
    surname = np.where(other, draw.choice(len(names.surnames), size=count, p=names.surname_shares), surname)
    unmarried, unborn = np.full(count, NONE), np.empty(count, dtype="U10")
    people = People(household, place, male, age, birthday, given, surname, unmarried, unborn)
    _make_twins(draw, names, people)
    _name_after_fathers(draw, people)
    people.born = _born(people)
    may_have = ~people.male & (people.age > 22) & (people.place < 2)
    had = may_have & (draw.random(count) < 0.18)
    people.maiden = np.where(had, draw.choice(len(names.surnames), size=count, p=names.surname_shares), NONE)
    return people


def _make_twins(draw: np.random.Generator, names: Names, people: People) -> None:
    """Give some children the birthdate of the one before them, and some of these its initial."""
    twins = np.flatnonzero((people.place >= 3) & (draw.random(len(people.place)) < 0.07))
    for values in (people.age, people.birthday, people.surname):
        values[twins] = values[twins - 1]
    for twin in twins[draw.random(len(twins)) < 0.3]:
        first = people.given[twin - 1]
        common = (names.men if people.male[twin] else names.women)[:300]
        alike = [name for name in common if name[0] == first[0] and name != first]
        if alike:
            people.given[twin] = alike[draw.integers(len(alike))]


def _name_after_fathers(draw: np.random.Generator, people: People) -> None:
    """Give some sons the whole name of their father."""
    sons = np.flatnonzero((people.place >= 2) & people.male & (draw.random(len(people.place)) < 0.04))
    for son in sons:
        for parent in _parents(people, int(son)):
            if people.male[parent]:
                people.given[son], people.surname[son] = people.given[parent], people.surname[parent]
                break


def _parents(people: People, child: int) -> Iterator[int]:
    first = child - int(people.place[child])
    yield from (first, first + 1)


def _born(people: People) -> npt.NDArray[np.str_]:
    one_day = np.timedelta64(1, "D")
    days = people.age.astype("timedelta64[D]") * 365
    born = TODAY - days - people.age // 4 * one_day - people.birthday.astype("timedelta64[D]")
    return np.datetime_as_string(born.astype("datetime64[D]"))


def _moves(draw: np.random.Generator, towns: Towns, households: Households, count: int) -> tuple[Bools, Homes]:
    """Say who has moved and where to; three of ten into a home that another household has left."""
    moved = draw.random(count) < 0.22
    to = homes(draw, count, towns)
    into_anothers = moved & (draw.random(count) < 0.3)
    theirs = draw.integers(0, len(households.sizes), count)
    for name, values in vars(to).items():
        setattr(to, name, np.where(into_anothers, getattr(households.homes, name)[theirs], values))
    return moved, to


def _mobiles(draw: np.random.Generator, people: People) -> tuple[Numbers, Numbers]:
    """Give first and second numbers; one of a hundred first ones has been somebody else's."""
    count = len(people.age)
    first = np.where(draw.random(count) < np.where(people.age > 13, 0.85, 0.15), draw.integers(*PHONES, count), 0)
    second = np.where((first > 0) & (draw.random(count) < 0.12), draw.integers(*PHONES, count), 0)
    recycled = (draw.random(count) < 0.01) & (first > 0)
    first[recycled] = first[draw.integers(0, count, int(recycled.sum()))]
    return first, second
