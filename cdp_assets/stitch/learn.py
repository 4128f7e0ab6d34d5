"""Learns the model from the records themselves, without labels, by expectation-maximisation.

The class of strangers is measured on random pairs, those of one person and of one household on candidate pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from cdp_assets.stitch.classes import Classes, logs_of
from cdp_assets.stitch.column import Floats, Ints
from cdp_assets.stitch.compare import TOLD, compare
from cdp_assets.stitch.encode import Encoded
from cdp_assets.stitch.patterns import Patterns, chances, histogram, histograms, patterns_of, with_doubles
from cdp_assets.stitch.rarity import Shares, shares
from cdp_assets.stitch.used_by_others import USED_BY_OTHERS, Contact
from cdp_assets.stitch.weigh import Common, Model, Pattern, fill

Sides = tuple[Ints, Ints]
"""Both ends of pairs of records."""

RANDOM_PAIRS = 1_000_000
ITERATIONS = 40
STRANGERS_ADDED = 0.05


def learn(encoded: Encoded, fields: Sequence[str], pairs: Sides, levels: Pattern, doubles: Ints) -> Model:
    """Learn the model from candidate pairs; the same pairs give the same model.

    Args:
        levels: How well each pair agrees; those of the fields of TOLD are filled in.
        doubles: The records that stand for others which say exactly the same, and so are none of these. Each counts
            once, or what one source repeats a hundred times would be all that is learnt.
    """
    chosen = random_pairs(encoded.size)
    by_chance = levels_of(encoded, fields, *chosen)
    known = shares(encoded, fields)
    common = Common(known, encoded)
    alike = levels_of(encoded, fields, doubles, doubles)
    for found, (left, right) in ((levels, pairs), (by_chance, chosen), (alike, (doubles, doubles))):
        _tell(common, fields, found, left, right)
    compared, same, strangers = (patterns_of(some, fields) for some in (levels, alike, by_chance))
    return learn_from(fields, with_doubles(fields, compared, same), strangers, encoded.size, known)


def _tell(common: Common, fields: Sequence[str], levels: Pattern, left: Ints, right: Ints) -> None:
    """Fill in the levels of the fields of TOLD."""

    def part(rows: slice) -> None:
        for place, name in enumerate(fields):
            if name in TOLD:
                levels[rows, place] = common.told(name, fields, levels[rows], left[rows], right[rows])

    fill(len(left), part)


def learn_from(
    fields: Sequence[str], pairs: Patterns, random: Patterns, size: int, shares: Mapping[str, Shares]
) -> Model:
    """Learn the model of so many records from the patterns of candidate pairs and of pairs taken at random."""
    contacts = _contacts(fields, pairs, random, size)
    classes = Classes(fields, size, _strangers(fields, random, np.ones(len(random.counts)), contacts))
    for _ in range(ITERATIONS):
        parts = pairs.counts * classes.posterior(pairs.levels)
        strangers = _strangers(fields, random, classes.posterior(random.levels)[2], contacts)
        classes.learn(pairs.levels, parts, strangers)
    return Model(
        fields,
        person=logs_of(classes.person),
        household=logs_of(classes.household),
        strangers=logs_of(_weighed(classes.strangers, contacts)),
        expected={name: float(np.log2(count)) for name, count in classes.expected.items()},
        shares=shares,
    )


def _strangers(fields: Sequence[str], random: Patterns, share: Floats, contacts: Mapping[int, Contact]) -> list[Floats]:
    """Give the chances of strangers: those of random pairs, without the part of them that is one person or household.

    In a small file, or one with many records of each person, that part is what random pairs agree on most.
    """
    found = [chances(counts, STRANGERS_ADDED) for counts in histograms(random.levels, fields, random.counts * share)]
    return [contacts[place].without_matches(one) if place in contacts else one for place, one in enumerate(found)]


def _weighed(strangers: list[Floats], contacts: Mapping[int, Contact]) -> list[Floats]:
    return [contacts[place].weighed(one) if place in contacts else one for place, one in enumerate(strangers)]


def _contacts(fields: Sequence[str], pairs: Patterns, random: Patterns, size: int) -> dict[int, Contact]:
    """Give, by the place of each field that is a contact, how often pairs share it."""
    drawn = max(size * (size - 1) / 2, 1.0) / max(float(random.counts.sum()), 1.0)
    found = {}
    for place, name in enumerate(fields):
        if name in USED_BY_OTHERS:
            candidates, by_chance = (histogram(some.levels, place, name, some.counts)[0] for some in (pairs, random))
            found[place] = Contact(name, size, float(candidates), float(by_chance), drawn)
    return found


def levels_of(encoded: Encoded, fields: Sequence[str], left: Ints, right: Ints) -> Pattern:
    """Compare all pairs."""
    found = np.empty((len(left), len(fields)), dtype=np.int8, order="F")

    def part(rows: slice) -> None:
        found[rows] = compare(encoded, fields, left[rows], right[rows])

    fill(len(left), part)
    return found


def random_pairs(size: int) -> Sides:
    """Draw pairs of records, the same ones each time; all pairs, where there are no more than would be drawn."""
    if size * (size - 1) // 2 <= RANDOM_PAIRS:
        left, right = (side.astype(np.int32) for side in np.triu_indices(size, 1))
        return left, right
    draw = np.random.default_rng(1)
    left, right = (draw.integers(0, size, RANDOM_PAIRS).astype(np.int32) for _ in range(2))
    different = left != right
    return left[different], right[different]
