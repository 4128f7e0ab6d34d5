"""The mailboxes of invented people: one or two each, some shared by a household, none by strangers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.customers.places import Numbers
from benchmarks.customers.words import MAIL_DOMAINS, Names

if TYPE_CHECKING:
    from benchmarks.customers.population import People

Boxes = list[str | None]
PATTERNS = 6


@dataclass(frozen=True, eq=False)
class Mailboxes:
    """A first and a second address per person, or none."""

    first: Boxes
    second: Boxes


@dataclass(frozen=True, eq=False)
class Habits:
    """How each person makes up an address: which domain and pattern, and the numbers that it may end in."""

    domain: Numbers
    pattern: Numbers
    short: Numbers
    long: Numbers


def mailboxes(draw: np.random.Generator, names: Names, people: People, households: int) -> Mailboxes:
    """Give everybody's addresses; in one household of twenty all but small children use the first one's."""
    count = len(people.age)
    habits = Habits(
        draw.choice(len(MAIL_DOMAINS), size=count, p=list(MAIL_DOMAINS.values())),
        draw.integers(0, PATTERNS, count),
        draw.integers(1, 99, count),
        draw.integers(100, 9999, count),
    )
    has_first = draw.random(count) < np.where(people.age > 12, 0.82, 0.1)
    has_second = has_first & (draw.random(count) < 0.16)
    shares = (draw.random(households) < 0.05)[people.household]
    first: Boxes = [_made_up(names, people, habits, at, False) if has else None for at, has in enumerate(has_first)]
    second: Boxes = [_made_up(names, people, habits, at, True) if has else None for at, has in enumerate(has_second)]
    own = list(first)
    for person in np.flatnonzero(shares & (people.place > 0) & (people.age > 5)):
        first[person] = own[person - people.place[person]]
    _tell_apart(first, second, people.household.tolist(), shares.tolist())
    return Mailboxes(first, second)


def _made_up(names: Names, people: People, habits: Habits, person: int, is_second: bool) -> str:
    given = people.given[person].lower()
    surname_number = people.maiden[person] if is_second and people.maiden[person] >= 0 else people.surname[person]
    surname = names.surnames[surname_number].lower().replace(" ", "").replace("'", "")
    domain = list(MAIL_DOMAINS)[(habits.domain[person] + is_second) % len(MAIL_DOMAINS)]
    short, long = habits.short[person], habits.long[person]
    locals_ = (
        f"{given}.{surname}{short}",
        f"{given[0]}{surname}{long}",
        f"{given}{surname}" if short > 60 else f"{given}{surname}{long}",
        f"{surname}{given[0]}{short}",
        f"{given}{long}",
        f"{surname[:4]}.{given[:3]}{people.born[person][2:4]}{short}",
    )
    return f"{locals_[(habits.pattern[person] + 2 * is_second) % PATTERNS]}@{domain}"


def _tell_apart(first: Boxes, second: Boxes, household: Sequence[int], shares: Sequence[bool]) -> None:
    """Change what two households have made up alike, and a second address that somebody of the own has."""
    household_of: dict[str, int] = {}
    last_user: dict[str, int] = {}
    for boxes in (first, second):
        for person, box in enumerate(boxes):
            if box is None:
                continue
            owner = household_of.setdefault(box, household[person])
            is_anothers = boxes is second and last_user.get(box, person) != person and not shares[person]
            if owner != household[person] or is_anothers:
                local, domain = box.split("@")
                box = f"{local}{person % 977}{chr(97 + person % 26)}@{domain}"
                boxes[person], household_of[box] = box, household[person]
            last_user[box] = person
