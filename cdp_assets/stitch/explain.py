"""Explains a pair of records: what each field says for one person, in bits, and how that adds up to the score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cdp_assets.stitch.compare import FIELDS
from cdp_assets.stitch.evidence_table import unpacked
from cdp_assets.stitch.namesakes import NAMESAKES
from cdp_assets.stitch.rarity import STEPS
from cdp_assets.stitch.repeats import REPEATS
from cdp_assets.stitch.scores import SCORE_DIGITS, scores
from cdp_assets.stitch.weigh import FAMILY_NAMES, Evidence, Model

UNKNOWN = "not known"
SHOWN: Mapping[str, Sequence[str]] = {
    "address": ("address", "unit", "city", "postal"),
    "address_words": ("address", "address2"),
    NAMESAKES: ("given_name", "surname"),
    REPEATS: ("datasource",),
}
"""Field -> the columns whose values were compared, where it is more than the one of its name."""


@dataclass(frozen=True)
class Comparison:
    """What one field says of a pair.

    Bits: log2 of how much likelier it is for one person. `adds` is what the field adds to the odds, after those before
    it: the odds are no plain sum, since strangers and a household are weighed together.
    """

    field: str
    label: str
    """How well the values agree, in words."""
    against_strangers: float
    against_household: float
    rarity: float
    """Bits: how much rarer than usual the value is that both have."""
    adds: float


@dataclass(frozen=True)
class Weighed:
    """How the model comes to the odds of a pair: from `prior`, field by field, to `bits` (0: even)."""

    prior: float
    comparisons: tuple[Comparison, ...]
    bits: float


def weighed(model: Model, evidence: Evidence) -> Weighed:
    """Explain the one pair of `evidence`; the fields that most speak for or against come first."""
    steps = _running_odds(model, evidence)
    order = _by_weight(model, evidence)
    found = []
    for at, place in enumerate(order):
        found.append(_comparison(model, evidence, place, float(steps[at + 1] - steps[at])))
    return Weighed(float(steps[0]), tuple(found), float(model.odds(evidence)[0][0]))


def _running_odds(model: Model, evidence: Evidence) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Give the odds before any field is known, then after each one more."""
    order = _by_weight(model, evidence)
    fields = len(order)
    levels = np.full((fields + 1, fields), -1, dtype=np.int8)
    rarity = np.zeros((fields + 1, fields), dtype=np.int16)
    for row in range(1, fields + 1):
        known = order[:row]
        levels[row, known] = evidence.levels[0, known]
        rarity[row, known] = evidence.rarity[0, known]
    return model.odds(Evidence(levels, rarity))[0]


def _by_weight(model: Model, evidence: Evidence) -> list[int]:
    """Give the places of the fields, those that say most about strangers first, the unknown last."""
    said = [abs(_bits(model, evidence, place)[0]) for place in range(len(model.fields))]
    return sorted(range(len(said)), key=lambda place: (evidence.levels[0, place] < 0, -said[place], place))


def _bits(model: Model, evidence: Evidence, place: int) -> tuple[float, float, float]:
    """Give what a field says against strangers and against a household, and how rare its value is."""
    level = int(evidence.levels[0, place])
    if level < 0:
        return 0.0, 0.0, 0.0
    rare = float(evidence.rarity[0, place]) / STEPS
    family = float(np.clip(rare, -FAMILY_NAMES, FAMILY_NAMES)) if model.fields[place] == "given_name" else 0.0
    person, household, strangers = (
        float(table[place][level]) for table in (model.person, model.household, model.strangers)
    )
    return person - strangers - rare, person - household - family, rare


def _comparison(model: Model, evidence: Evidence, place: int, adds: float) -> Comparison:
    name, level = model.fields[place], int(evidence.levels[0, place])
    strangers, household, rare = _bits(model, evidence, place)
    label = UNKNOWN if level < 0 else FIELDS[name].levels[level]
    return Comparison(name, label, strangers, household, -rare, adds)


def scores_again(model: Model, explanations: pl.DataFrame) -> pl.Series:
    """Give the scores that follow from rows of stitch_explanations: what they say they are, for every pair.

    The model has the word except where something else decided: then the score is 5 or 0, as it says.
    """
    bits = model.odds(unpacked(explanations, len(model.fields)))[0]
    none = np.zeros(len(bits), dtype=np.bool_)
    weighed_scores = pl.Series(np.round(scores(bits, none, none), SCORE_DIGITS))
    return explanations.select(
        pl.when(pl.col("decided_by").is_null()).then(weighed_scores).otherwise("score").alias("score")
    )["score"]
