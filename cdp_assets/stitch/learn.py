"""Learns the model from the records themselves, without labels, by expectation-maximisation.

The class of strangers is measured on random pairs, those of one person and of one household on candidate pairs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cdp_assets.stitch.column import Floats, Ints
from cdp_assets.stitch.compare import FIELDS, compare
from cdp_assets.stitch.encode import Encoded
from cdp_assets.stitch.rarity import Shares, shares
from cdp_assets.stitch.weigh import Model, Pattern, Table, in_parts, log_chance

RANDOM_PAIRS = 1_000_000
ITERATIONS = 40
HOUSEHOLD_EVIDENCE = ("address", "phone", "email")
HOUSEHOLD_PRIOR: Mapping[str, Sequence[float]] = {
    "given_name": (0.02, 0.01, 0.02, 0.01, 0.1, 0.84),
    "surname": (0.75, 0.03, 0.03, 0.04, 0.15),
    "email": (0.05, 0.01, 0.02, 0.12, 0.8),
    "phone": (0.3, 0.01, 0.69),
    "address": (0.8, 0.04, 0.02, 0.01, 0.05, 0.04, 0.04),
    "address_words": (0.8, 0.05, 0.02, 0.02, 0.02, 0.09),
    "birthdate": (0.01, 0.01, 0.01, 0.03, 0.04, 0.9),
    "gender": (0.4, 0.6),
    "middle_name": (0.1, 0.9),
    "postal": (0.8, 0.02, 0.08, 0.1),
    "city": (0.8, 0.05, 0.15),
    "company": (0.25, 0.05, 0.7),
}
HOUSEHOLD_PRIOR_WEIGHT = 100.0
SAME_PERSON_EQUAL = 0.75
STRANGERS_ADDED = 0.05


@dataclass(frozen=True, eq=False)
class Patterns:
    """Rows of levels, each once and in order, and how many pairs have them."""

    levels: Pattern
    counts: Floats


def learn(encoded: Encoded, fields: Sequence[str], levels: Pattern) -> Model:
    """Learn the model from the levels of candidate pairs; the same pairs give the same model."""
    by_chance = levels_of(encoded, fields, *random_pairs(encoded.size))
    pairs, random = patterns_of(levels, fields), patterns_of(by_chance, fields)
    return learn_from(fields, pairs, random, encoded.size, shares(encoded, fields))


def learn_from(
    fields: Sequence[str], pairs: Patterns, random: Patterns, size: int, shares: Mapping[str, Shares]
) -> Model:
    """Learn the model of so many records from the patterns of candidate pairs and of pairs taken at random."""
    all_pairs = max(size * (size - 1) / 2, 1.0)
    patterns, weights = pairs.levels, pairs.counts
    strangers = _strangers(fields, random, np.ones(len(random.counts)))
    with_households = any(name in fields for name in HOUSEHOLD_EVIDENCE)
    person, household = [_same_person(name) for name in fields], [_prior(name) for name in fields]
    same, together = max(size * 0.5, 1.0), max(size * 0.5, 1.0) if with_households else 1e-9
    for _ in range(ITERATIONS):
        classes = [(same, person), (together, household), (all_pairs, strangers)]
        parts = weights * _posterior(classes, patterns)
        strangers = _strangers(fields, random, _posterior(classes, random.levels)[2])
        same = max(float(parts[0].sum()), 1.0)
        counted = _histograms(patterns, fields, parts[0])
        person = [_chances(counts, 0.5 + 0.001 * counts.sum() / len(counts)) for counts in counted]
        if with_households:
            together = max(float(parts[1].sum()), 1.0)
            counted = _histograms(patterns, fields, parts[1])
            household = [
                _chances(counts + HOUSEHOLD_PRIOR_WEIGHT * _prior(name), 0.0)
                for name, counts in zip(fields, counted, strict=True)
            ]
    expected = {"person": np.log2(same), "household": np.log2(together), "strangers": np.log2(all_pairs)}
    return Model(
        fields,
        person=_logs(person),
        household=_logs(household),
        strangers=_logs(strangers),
        expected={name: float(log) for name, log in expected.items()},
        shares=shares,
    )


def _posterior(classes: Sequence[tuple[float, Table]], patterns: Pattern) -> Floats:
    """Give, per class (rows), the chance that a pair of each pattern belongs to it."""
    logs = np.stack([np.log2(expected) + log_chance(_logs(table), patterns) for expected, table in classes])
    parts = np.exp2(logs - logs.max(axis=0))
    return np.asarray(parts / parts.sum(axis=0), dtype=np.float64)


def _strangers(fields: Sequence[str], random: Patterns, share: Floats) -> list[Floats]:
    """Give the chances of strangers: those of random pairs, without the part of them that is one person or household.

    In a small file, or one with many records of each person, that part is what random pairs agree on most.
    """
    counted = _histograms(random.levels, fields, random.counts * share)
    return [_chances(counts, STRANGERS_ADDED) for counts in counted]


def levels_of(encoded: Encoded, fields: Sequence[str], left: Ints, right: Ints) -> Pattern:
    """Compare all pairs."""
    found = np.empty((len(left), len(fields)), dtype=np.int8, order="F")

    def part(rows: slice) -> None:
        found[rows] = compare(encoded, fields, left[rows], right[rows])

    for _ in in_parts(len(left), part):
        continue
    return found


def random_pairs(size: int) -> tuple[Ints, Ints]:
    """Draw pairs of records, the same ones each time."""
    draw = np.random.default_rng(1)
    left, right = (draw.integers(0, max(size, 1), RANDOM_PAIRS).astype(np.int32) for _ in range(2))
    different = left != right
    return left[different], right[different]


def patterns_of(levels: Pattern, fields: Sequence[str], counts: Floats | None = None) -> Patterns:
    """Count equal rows of levels; a row stands for one pair, or for as many as `counts` says."""
    spelled = np.zeros(len(levels), dtype=np.int64)
    for place, name in enumerate(fields):
        spelled = spelled * (len(FIELDS[name].levels) + 1) + levels[:, place] + 1
    rows = pl.DataFrame({"spelled": spelled, "count": np.ones(len(levels)) if counts is None else counts})
    counted = rows.group_by("spelled").agg(pl.col("count").sum()).sort("spelled")
    rest, found = counted["spelled"].to_numpy(), np.empty((counted.height, len(fields)), dtype=np.int8, order="F")
    for place in reversed(range(len(fields))):
        rest, level = np.divmod(rest, len(FIELDS[fields[place]].levels) + 1)
        found[:, place] = level - 1
    return Patterns(found, counted["count"].to_numpy())


def _histograms(levels: Pattern, fields: Sequence[str], weights: Floats) -> list[Floats]:
    found = []
    for place, name in enumerate(fields):
        known = levels[:, place] >= 0
        size = len(FIELDS[name].levels)
        found.append(np.bincount(levels[known, place], weights=weights[known], minlength=size).astype(np.float64))
    return found


def _chances(counts: Floats, added: float) -> Floats:
    smoothed = counts + added
    return np.asarray(smoothed / smoothed.sum(), dtype=np.float64)


def _logs(table: Table) -> list[Floats]:
    return [np.log2(chances) for chances in table]


def _same_person(name: str) -> Floats:
    levels = len(FIELDS[name].levels)
    return np.array([SAME_PERSON_EQUAL] + [(1 - SAME_PERSON_EQUAL) / (levels - 1)] * (levels - 1))


def _prior(name: str) -> Floats:
    return np.array(HOUSEHOLD_PRIOR[name]) / sum(HOUSEHOLD_PRIOR[name])
