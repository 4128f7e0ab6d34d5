"""Learns the model from the records themselves, without labels, by expectation-maximisation.

The class of strangers is measured on random pairs, those of one person and of one household on candidate pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.column import Floats, Ints
from cdp_assets.stitch.compare import FIELDS, NOT_KNOWN, TOLD, compare
from cdp_assets.stitch.encode import Encoded
from cdp_assets.stitch.namesakes import NAMESAKES, by_chance_log2
from cdp_assets.stitch.priors import HOUSEHOLD_WEIGHT, apart, believed, household, same_person
from cdp_assets.stitch.rarity import Shares, shares
from cdp_assets.stitch.repeats import REPEATS, of_one_person
from cdp_assets.stitch.used_by_others import USED_BY_OTHERS, Contact
from cdp_assets.stitch.weigh import Common, Model, Pattern, Table, fill, in_parts, log_chance

Sides = tuple[Ints, Ints]
"""Both ends of pairs of records."""

RANDOM_PAIRS = 1_000_000
ITERATIONS = 40
HOUSEHOLD_EVIDENCE, TOLD_APART_BY = ("address", "phone", "email", "postal", "city"), ("given_name", "birthdate")
"""What households share, and what tells their members apart; without either, nobody is taken for a household."""
STRANGERS_ADDED = 0.05
EVERYWHERE = 0.9
"""From this share of random pairs on that agree, a field tells nobody apart."""
NAMES = ("given_name", "surname")
TELLING = 3.0
"""Bits that known fields must tell of one person on average, beside the name."""
FEW_NAMES = 20.0
"""Pairs: so many are added to each class of full names, as likely as chance has it."""


@dataclass(frozen=True, eq=False)
class Patterns:
    """Rows of levels, each once and in order, and how many pairs have them."""

    levels: Pattern
    counts: Floats


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


def with_doubles(fields: Sequence[str], pairs: Patterns, doubles: Patterns) -> Patterns:
    """Give the patterns of candidate pairs together with those of records that say exactly the same.

    Without these, what is left of one person's pairs differs somewhere: where records have few fields, one would learn
    that people seldom have the same phone twice. In which sources these are is known of those that stand for them only.
    """
    same = doubles.levels.copy(order="F")
    if REPEATS in fields:
        same[:, fields.index(REPEATS)] = NOT_KNOWN
    return patterns_of(np.concatenate([pairs.levels, same]), fields, np.append(pairs.counts, doubles.counts))


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
    classes = _Classes(fields, size, _strangers(fields, random, np.ones(len(random.counts)), contacts))
    for _ in range(ITERATIONS):
        parts = pairs.counts * classes.posterior(pairs.levels)
        strangers = _strangers(fields, random, classes.posterior(random.levels)[2], contacts)
        classes.learn(pairs.levels, parts, strangers)
    return Model(
        fields,
        person=_logs(classes.person),
        household=_logs(classes.household),
        strangers=_logs(_weighed(classes.strangers, contacts)),
        expected={name: float(np.log2(count)) for name, count in classes.expected.items()},
        shares=shares,
    )


class _Classes:
    """What is known of the three classes so far."""

    def __init__(self, fields: Sequence[str], size: int, strangers: list[Floats]) -> None:
        self._fields, self._size = fields, size
        shared, own = (any(name in fields for name in kind) for kind in (HOUSEHOLD_EVIDENCE, TOLD_APART_BY))
        self._with_households = shared and own
        self.person: list[Floats] = [same_person(name) for name in fields]
        self._households = [_households(name, by_chance) for name, by_chance in zip(fields, strangers, strict=True)]
        self.household, self.strangers = list(self._households), strangers
        if REPEATS in fields:
            self._learn_repeats(np.zeros(len(strangers[fields.index(REPEATS)])))
        together = max(size * 0.5, 1.0) if self._with_households else 1e-9
        self.expected = {
            "person": max(size * 0.5, 1.0), "household": together, "strangers": max(size * (size - 1) / 2, 1.0),
        }  # fmt: skip

    def posterior(self, patterns: Pattern) -> npt.NDArray[np.float64]:
        """Give, per class (rows), the chance that a pair of each pattern belongs to it."""
        tables = zip(self.expected.values(), (self.person, self.household, self.strangers), strict=True)
        logs = np.stack([np.log2(count) + log_chance(_logs(table), patterns) for count, table in tables])
        parts = np.exp2(logs - logs.max(axis=0))
        return np.asarray(parts / parts.sum(axis=0), dtype=np.float64)

    def learn(self, patterns: Pattern, parts: npt.NDArray[np.float64], strangers: list[Floats]) -> None:
        """Learn from how many pairs of each pattern belong to each class."""
        self.strangers = strangers
        self.expected["person"] = max(float(parts[0].sum()), 1.0)
        counted = _histograms(patterns, self._fields, parts[0])
        self.person = [chances(believed(name, one), 0.0) for name, one in zip(self._fields, counted, strict=True)]
        if self._with_households:
            self.expected["household"] = max(float(parts[1].sum()), 1.0)
            counted = _histograms(patterns, self._fields, parts[1])
            self.household = [
                apart(name, chances(counts + HOUSEHOLD_WEIGHT * prior, 0.0))
                for name, prior, counts in zip(self._fields, self._households, counted, strict=True)
            ]
        if REPEATS in self._fields:
            self._learn_repeats(histogram(patterns, self._fields.index(REPEATS), REPEATS, parts[0]))
        if NAMESAKES in self._fields:
            self._learn_namesakes(patterns, parts)

    def _learn_repeats(self, counts: Floats) -> None:
        """Learn how often each source repeats a person; households are in one source as often as strangers are."""
        place = self._fields.index(REPEATS)
        self.household[place] = self.strangers[place]
        self.person[place] = of_one_person(counts, self.strangers[place])

    def _learn_namesakes(self, patterns: Pattern, parts: npt.NDArray[np.float64]) -> None:
        """Learn how surely a full name is one person, by its class.

        Random pairs hardly ever share a full name, so that strangers are counted among candidate pairs. Those that
        have little but the name to go by teach nothing: they would be taken for what the class is taken for. A class of
        which few others are known is taken as likely as its names are by chance.
        """
        place, told = self._fields.index(NAMESAKES), self._is_told_otherwise(patterns)
        named, stranger = (histogram(patterns, place, NAMESAKES, part * told) for part in (parts[0], parts[2]))
        given, surname = (self._fields.index(name) for name in ("given_name", "surname"))
        agree = np.log2(self.person[given][0]) + np.log2(self.person[surname][0]) + np.log2(self.expected["person"])
        by_chance = np.log2(max(self._size, 1)) - 1 + by_chance_log2()
        likely = 1 / (1 + np.exp2(by_chance - agree))
        named, stranger = named + FEW_NAMES * likely, stranger + FEW_NAMES * (1 - likely)
        chances = named / named.sum()
        unlike = np.log2(self.strangers[given][0]) + np.log2(self.strangers[surname][0])
        odds = np.log2(chances) + agree - np.log2(named / stranger)
        self.person[place] = self.household[place] = chances
        self.strangers[place] = np.exp2(odds - np.log2(self.expected["strangers"]) - unlike)

    def _is_told_otherwise(self, patterns: Pattern) -> npt.NDArray[np.bool_]:
        """Say which patterns know fields that tell one person from strangers, beside names and what is counted of all.

        It goes by what is known, not by how well it agrees, or the pairs that are looked at would be the matches.
        """
        bits = np.zeros(len(patterns))
        for place, name in enumerate(self._fields):
            if name not in (*NAMES, *TOLD):
                person, strangers = self.person[place], self.strangers[place]
                bits += (patterns[:, place] >= 0) * float((person * np.log2(person / strangers)).sum())
        return np.asarray(bits >= TELLING)


def _households(name: str, strangers: Floats) -> Floats:
    """Give the chances in a household to start with: those of strangers, where nearly all of these agree."""
    return strangers if strangers[0] > EVERYWHERE else household(name)


def _strangers(fields: Sequence[str], random: Patterns, share: Floats, contacts: Mapping[int, Contact]) -> list[Floats]:
    """Give the chances of strangers: those of random pairs, without the part of them that is one person or household.

    In a small file, or one with many records of each person, that part is what random pairs agree on most.
    """
    found = [chances(counts, STRANGERS_ADDED) for counts in _histograms(random.levels, fields, random.counts * share)]
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


def patterns_of(levels: Pattern, fields: Sequence[str], counts: Floats | None = None) -> Patterns:
    """Count equal rows of levels; a row stands for one pair, or for as many as `counts` says."""

    def part(rows: slice) -> pl.DataFrame:
        spelled = _spelled(levels[rows], fields)
        each = np.ones(len(spelled)) if counts is None else counts[rows]
        return _counted(pl.DataFrame({"spelled": spelled, "count": each}))

    counted = _counted(pl.concat(in_parts(len(levels), part))).sort("spelled")
    rest, found = counted["spelled"].to_numpy(), np.empty((counted.height, len(fields)), dtype=np.int8, order="F")
    for place in reversed(range(len(fields))):
        rest, level = np.divmod(rest, len(FIELDS[fields[place]].levels) + 1)
        found[:, place] = level - 1
    return Patterns(found, counted["count"].to_numpy())


def _spelled(levels: Pattern, fields: Sequence[str]) -> npt.NDArray[np.int64]:
    """Give each row of levels as one number."""
    found = np.zeros(len(levels), dtype=np.int64)
    for place, name in enumerate(fields):
        found *= len(FIELDS[name].levels) + 1
        found += levels[:, place] + 1
    return found


def _counted(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by("spelled").agg(pl.col("count").sum())


def _histograms(levels: Pattern, fields: Sequence[str], weights: Floats) -> list[Floats]:
    return [histogram(levels, place, name, weights) for place, name in enumerate(fields)]


def histogram(levels: Pattern, place: int, name: str, weights: Floats | None = None) -> Floats:
    """Add up what pairs weigh, one each unless it is said, at each level of a field; an unknown one counts nowhere."""
    known = levels[:, place] >= 0
    size = len(FIELDS[name].levels)
    return np.bincount(
        levels[known, place], weights=None if weights is None else weights[known], minlength=size
    ).astype(np.float64)


def chances(counts: Floats, added: float) -> Floats:
    """Give the chance of each level, from how many pairs have it and what is added to each."""
    smoothed = counts + added
    return np.asarray(smoothed / smoothed.sum(), dtype=np.float64)


def _logs(table: Table) -> list[Floats]:
    return [np.log2(chances) for chances in table]
