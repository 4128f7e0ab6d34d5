"""The three classes of pairs, and what each step of expectation-maximisation learns of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from cdp_assets.stitch.column import Bools, Floats
from cdp_assets.stitch.compare import TOLD
from cdp_assets.stitch.namesakes import NAMESAKES, by_chance_log2
from cdp_assets.stitch.patterns import chances, histogram, histograms
from cdp_assets.stitch.priors import HOUSEHOLD_WEIGHT, apart, believed, household, same_person
from cdp_assets.stitch.repeats import REPEATS, of_one_person
from cdp_assets.stitch.weigh import Pattern, Table, log_chances

HOUSEHOLD_EVIDENCE, TOLD_APART_BY = ("address", "phone", "email", "postal", "city"), ("given_name", "birthdate")
"""What households share, and what tells their members apart; without either, nobody is taken for a household."""
EVERYWHERE = 0.9
"""From this share of random pairs on that agree, a field tells nobody apart."""
NAMES = ("given_name", "surname")
TELLING = 3.0
"""Bits that known fields must tell of one person on average, beside the name."""
FEW_NAMES = 20.0
"""Pairs: so many are added to each class of full names, as likely as chance has it."""


class Classes:
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
        tables = [logs_of(table) for table in (self.person, self.household, self.strangers)]
        logs = np.stack(log_chances(tables, patterns)) + np.log2([*self.expected.values()])[:, None]
        parts = np.exp2(logs - logs.max(axis=0))
        return np.asarray(parts / parts.sum(axis=0), dtype=np.float64)

    def learn(self, patterns: Pattern, parts: npt.NDArray[np.float64], strangers: list[Floats]) -> None:
        """Learn from how many pairs of each pattern belong to each class."""
        self.strangers = strangers
        self.expected["person"] = max(float(parts[0].sum()), 1.0)
        persons = histograms(patterns, self._fields, parts[0])
        self.person = [chances(believed(name, one), 0.0) for name, one in zip(self._fields, persons, strict=True)]
        if self._with_households:
            self.expected["household"] = max(float(parts[1].sum()), 1.0)
            counted = histograms(patterns, self._fields, parts[1])
            self.household = [
                apart(name, chances(counts + HOUSEHOLD_WEIGHT * prior, 0.0))
                for name, prior, counts in zip(self._fields, self._households, counted, strict=True)
            ]
        if REPEATS in self._fields:
            self._learn_repeats(persons[self._fields.index(REPEATS)])
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

    def _is_told_otherwise(self, patterns: Pattern) -> Bools:
        """Say which patterns know fields that tell one person from strangers, beside names and what is counted of all.

        It goes by what is known, not by how well it agrees, or the pairs that are looked at would be the matches.
        """
        bits = np.zeros(len(patterns))
        for place, name in enumerate(self._fields):
            if name not in (*NAMES, *TOLD):
                person, strangers = self.person[place], self.strangers[place]
                bits += (patterns[:, place] >= 0) * float((person * np.log2(person / strangers)).sum())
        return np.asarray(bits >= TELLING)


def logs_of(table: Table) -> list[Floats]:
    """Give log2 of every chance."""
    return [np.log2(each) for each in table]


def _households(name: str, strangers: Floats) -> Floats:
    """Give the chances in a household to start with: those of strangers, where nearly all of these agree."""
    return strangers if strangers[0] > EVERYWHERE else household(name)
