"""Weighs pairs: how much likelier their agreement is for one person than for a household or for strangers.

A Fellegi-Sunter model with three classes, learnt from the pairs themselves by expectation-maximisation. The class of
strangers is measured on random pairs; without a class of households, mother and daughter at one address become one
person. Source: Fellegi & Sunter (1969), A Theory for Record Linkage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.compare import FIELDS, compare
from cdp_assets.stitch.encode import Encoded, Floats, Ints

Pattern = npt.NDArray[np.int8]
Table = list[Floats]
"""Per field, the chance of each level."""

RANDOM_PAIRS = 500_000
ITERATIONS = 40
HOUSEHOLD_EVIDENCE = ("address", "phone", "email")
SHARED_BY_NOBODY = {"email": 0.05, "phone": 0.15}
"""How often, in people, a value that only one name uses belongs to somebody else as well."""
MOST_RARITY = 9.0
LEAST_SHARE = 0.02
HOUSEHOLD_PRIOR: Mapping[str, Sequence[float]] = {
    "given_name": (0.02, 0.02, 0.02, 0.1, 0.84),
    "surname": (0.75, 0.03, 0.03, 0.04, 0.15),
    "email": (0.05, 0.01, 0.02, 0.12, 0.8),
    "phone": (0.3, 0.01, 0.69),
    "address": (0.8, 0.05, 0.02, 0.05, 0.04, 0.04),
    "birthdate": (0.01, 0.01, 0.01, 0.03, 0.04, 0.9),
    "gender": (0.4, 0.6),
    "postal": (0.8, 0.2),
    "city": (0.8, 0.2),
    "company": (0.3, 0.7),
}
HOUSEHOLD_PRIOR_WEIGHT = 100.0
SAME_PERSON_EQUAL = 0.75


@dataclass(frozen=True, eq=False)
class Model:
    """What the records taught: chances of each level for one person, one household, strangers."""

    fields: list[str]
    person: Table
    household: Table
    strangers: Table
    expected_same: float
    expected_household: float
    all_pairs: float
    rarity: Mapping[str, Floats]
    """Per field, the share of records that would hold each value by chance."""

    def weigh(self, encoded: Encoded, left: Ints, right: Ints) -> tuple[Floats, Floats]:
        """Give the odds of one person in bits (0: even), and the evidence alone without the prior."""
        levels = compare(encoded, self.fields, left, right)
        person, household, strangers = (_log_chance(t, levels) for t in (self.person, self.household, self.strangers))
        for place, name in enumerate(self.fields):
            rarity = self._rarity(encoded, name, left, levels[:, place] == 0, place)
            strangers = strangers + rarity
            if name == "given_name":
                household = household + np.clip(rarity, -3, 3)
        against = np.logaddexp(np.log(self.expected_household) + household, np.log(self.all_pairs) + strangers)
        odds = np.log(self.expected_same) + person - against
        return odds / np.log(2), (person - np.maximum(household, strangers)) / np.log(2)

    def _rarity(self, encoded: Encoded, name: str, left: Ints, equal: npt.NDArray[np.bool_], place: int) -> Floats:
        """Correct the chance that strangers agree by how common the value is that they agree on."""
        found = np.zeros(len(left))
        if name not in self.rarity:
            return found
        codes = encoded[FIELDS[name].column].codes[left][equal]
        share = np.maximum(self.rarity[name][np.maximum(codes, 0)], LEAST_SHARE / max(encoded.size, 1))
        bits = np.where(codes >= 0, np.log(share) - np.log(self.strangers[place][0]), 0.0)
        found[equal] = np.clip(bits, -MOST_RARITY, MOST_RARITY)
        return found


def learn(encoded: Encoded, fields: list[str], left: Ints, right: Ints) -> Model:
    """Learn the model from candidate pairs; the same pairs give the same model."""
    size = encoded.size
    all_pairs = max(size * (size - 1) / 2, 1.0)
    strangers = [_shares(counts, 0.05) for counts in _histograms(_random_levels(encoded, fields), fields, None)]
    levels = compare(encoded, fields, left, right)
    patterns, weights = _patterns(levels, fields)
    with_households = any(name in fields for name in HOUSEHOLD_EVIDENCE)
    person, household = [_same_person(name) for name in fields], [_prior(name) for name in fields]
    same, together = max(size * 0.5, 1.0), max(size * 0.5, 1.0) if with_households else 1e-9
    for _ in range(ITERATIONS):
        logs = np.stack(
            [
                np.log(same) + _log_chance(person, patterns),
                np.log(together) + _log_chance(household, patterns),
                np.log(all_pairs) + _log_chance(strangers, patterns),
            ]
        )
        shares = np.exp(logs - logs.max(axis=0))
        shares = weights * shares / shares.sum(axis=0)
        same = max(float(shares[0].sum()), 1.0)
        person = [
            _shares(counts, 0.5 + 0.001 * counts.sum() / len(counts))
            for counts in _histograms(patterns, fields, shares[0])
        ]
        if with_households:
            together = max(float(shares[1].sum()), 1.0)
            counted = zip(fields, _histograms(patterns, fields, shares[1]), strict=True)
            household = [_shares(counts + HOUSEHOLD_PRIOR_WEIGHT * _prior(name), 0.0) for name, counts in counted]
    return Model(fields, person, household, strangers, same, together, all_pairs, _rarities(encoded, fields))


def _random_levels(encoded: Encoded, fields: list[str]) -> Pattern:
    draw = np.random.default_rng(1)
    left, right = (draw.integers(0, max(encoded.size, 1), RANDOM_PAIRS).astype(np.int32) for _ in range(2))
    different = left != right
    return compare(encoded, fields, left[different], right[different])


def _patterns(levels: Pattern, fields: list[str]) -> tuple[Pattern, Floats]:
    """Give each distinct row of levels once, and how often it occurs."""
    spelled = np.zeros(len(levels), dtype=np.int64)
    for place, name in enumerate(fields):
        spelled = spelled * (FIELDS[name].levels + 1) + levels[:, place] + 1
    _, first, counts = np.unique(spelled, return_index=True, return_counts=True)
    return levels[first], counts.astype(np.float64)


def _histograms(levels: Pattern, fields: list[str], weights: Floats | None) -> list[Floats]:
    found = []
    for place, name in enumerate(fields):
        known = levels[:, place] >= 0
        weight = None if weights is None else weights[known]
        found.append(
            np.bincount(levels[known, place], weights=weight, minlength=FIELDS[name].levels).astype(np.float64)
        )
    return found


def _shares(counts: Floats, added: float) -> Floats:
    smoothed = counts + added
    return np.asarray(smoothed / smoothed.sum(), dtype=np.float64)


def _same_person(name: str) -> Floats:
    levels = FIELDS[name].levels
    return np.array([SAME_PERSON_EQUAL] + [(1 - SAME_PERSON_EQUAL) / (levels - 1)] * (levels - 1))


def _prior(name: str) -> Floats:
    return np.array(HOUSEHOLD_PRIOR[name]) / sum(HOUSEHOLD_PRIOR[name])


def _log_chance(table: Table, levels: Pattern) -> Floats:
    """Add up the logarithms over fields; an unknown level says nothing."""
    found = np.zeros(len(levels))
    for place, chances in enumerate(table):
        found += np.append(np.log(chances), 0.0)[levels[:, place]]
    return found


def _rarities(encoded: Encoded, fields: list[str]) -> dict[str, Floats]:
    """Give how common each value is: names by their formal form, contacts by the people who use them.

    A mailbox in two records of one name is no evidence that it is shared; one with two names is.
    """
    found = {}
    formal = encoded["formal_name"]
    for name in fields:
        column = encoded[FIELDS[name].column]
        if name == "given_name":
            share = formal.counts() / max(formal.counts().sum(), 1.0)
            found[name] = np.zeros(len(column.values))
            known = column.codes >= 0
            found[name][column.codes[known]] = share[formal.codes[known]]
        elif name in SHARED_BY_NOBODY:
            people = _people_per_value(column.codes, formal.codes, len(column.values))
            found[name] = (people - 1 + SHARED_BY_NOBODY[name]) / max(encoded.size / 2, 1.0)
        elif name != "gender":
            found[name] = column.counts() / max(column.counts().sum(), 1.0)
    return found


def _people_per_value(values: Ints, names: Ints, size: int) -> Floats:
    """Give how many distinct names use each value, at least one."""
    known = (values >= 0) & (names >= 0)
    counted = (
        pl.DataFrame({"value": values[known], "name": names[known]}).group_by("value").agg(pl.col("name").n_unique())
    )
    found = np.ones(size)
    found[counted["value"].to_numpy()] = counted["name"].to_numpy()
    return found
