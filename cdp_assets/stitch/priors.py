"""What is taken for likely of one person and of a household before any record is seen, and what outweighs it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cdp_assets.stitch.column import Floats
from cdp_assets.stitch.compare import FIELDS, TOLD

HOUSEHOLD: Mapping[str, Sequence[float]] = {
    "given_name": (0.02, 0.01, 0.02, 0.01, 0.1, 0.84),
    "surname": (0.75, 0.03, 0.03, 0.04, 0.15),
    "email": (0.05, 0.01, 0.02, 0.12, 0.8),
    "phone": (0.3, 0.01, 0.69),
    "address": (0.8, 0.04, 0.02, 0.01, 0.05, 0.04, 0.04),
    "address_words": (0.8, 0.05, 0.02, 0.02, 0.02, 0.09),
    "birthdate": (0.01, 0.01, 0.01, 0.03, 0.04, 0.4, 0.5),
    "gender": (0.4, 0.6),
    "middle_name": (0.1, 0.05, 0.03, 0.82),
    "postal": (0.8, 0.02, 0.08, 0.1),
    "city": (0.8, 0.05, 0.15),
    "company": (0.25, 0.05, 0.7),
}
HOUSEHOLD_WEIGHT = 100.0
OWN: Mapping[str, int] = {"given_name": 4, "birthdate": 2}
"""Fields that tell the members of a household apart -> so many of their first levels say that a value is the same."""
MOST_OWN = 0.1
"""Of a household's pairs no more agree so, whatever the records say: a class of which more do is one of persons."""
SAME_PERSON_EQUAL = 0.75
FEW_EQUAL, FEW_OTHER, RARE = 1.5, 0.5, 0.001
"""Pairs that are added to those of one person which agree, and to those of each other level; and a share of all."""
NOT_BELIEVED: Mapping[str, float] = {"given_name": 5.0, "birthdate": 20.0}
"""Pairs: at most so many that differ altogether are not taken for those of one person. A small tenant would learn from
its one pair of twins, or from a father and son of one name, that a person often has two given names or birthdates."""
LEAST_NOT_BELIEVED, SHARE_NOT_BELIEVED = 5.0, 0.02
"""Pairs, and a share of all: beyond the larger of the two there would be too many twins, or fathers and sons."""
HARDLY = 0.1
"""Pairs: what is added instead to these levels, the last of their fields."""


def household(name: str) -> Floats:
    """Give the chance of each level of a field in a household; all are as likely where nothing is known of them."""
    if name in TOLD:
        return np.full(len(FIELDS[name].levels), 1 / len(FIELDS[name].levels))
    return np.array(HOUSEHOLD[name]) / sum(HOUSEHOLD[name])


def apart(name: str, chances: Floats) -> Floats:
    """Give the chances of a household, of which few agree where its members are told apart.

    >>> apart("birthdate", np.array([0.4, 0.1, 0.0, 0.0, 0.0, 0.2, 0.3])).round(3).tolist()
    [0.08, 0.02, 0.0, 0.0, 0.0, 0.36, 0.54]
    """
    same = np.arange(len(chances)) < OWN.get(name, 0)
    share = float(chances[same].sum())
    if share <= MOST_OWN:
        return chances
    return np.where(same, chances * MOST_OWN / share, chances * (1 - MOST_OWN) / (1 - share))


def same_person(name: str) -> Floats:
    """Give the chance of each level of a field for one person, to start with."""
    if name in TOLD:
        return household(name)
    levels = len(FIELDS[name].levels)
    return np.array([SAME_PERSON_EQUAL] + [(1 - SAME_PERSON_EQUAL) / (levels - 1)] * (levels - 1))


def believed(name: str, counts: Floats) -> Floats:
    """Give how many pairs of one person count at each level of a field, from how many have it: some, where none has.

    >>> believed("birthdate", np.zeros(7)).tolist()
    [1.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.1]
    """
    few, counted = np.full(len(counts), FEW_OTHER), counts.copy()
    few[0] = FEW_EQUAL
    if name in NOT_BELIEVED:
        doubted = min(NOT_BELIEVED[name], max(LEAST_NOT_BELIEVED, SHARE_NOT_BELIEVED * counts.sum()))
        few[-1], counted[-1] = HARDLY, max(counts[-1] - doubted, 0.0)
    return np.asarray(counted + few + RARE * counts.sum() / len(counts), dtype=np.float64)
