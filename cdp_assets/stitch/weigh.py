"""Weighs pairs: how much likelier their agreement is for one person than for a household or for strangers.

A Fellegi-Sunter model with three classes. Without a class of households, mother and daughter at one address become one
person. Source: Fellegi & Sunter (1969), A Theory for Record Linkage.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from cdp_assets.stitch.column import NOT_KNOWN, Floats, Ints
from cdp_assets.stitch.compare import TOLD, compare
from cdp_assets.stitch.encode import Encoded
from cdp_assets.stitch.namesakes import NAMESAKES, same_name
from cdp_assets.stitch.rarity import STEPS, WITHOUT_RARITY, Shares, Steps, rarity_column, steps_of
from cdp_assets.stitch.repeats import REPEATS, levels_of_sources
from cdp_assets.stitch.threads import WORKERS, slices
from cdp_assets.stitch.used_by_others import USED_BY_OTHERS, more_often

Pattern = npt.NDArray[np.int8]
Table = Sequence[Floats]
"""Per field, log2 of the chance of each level."""
Given = TypeVar("Given")
AT_ONCE = 1 << 17
"""Pairs: so many are compared together. Fewer beside each other take as long, for each waits for Python."""
MOST_RARITY = 13.0
"""Bits: no single value says more."""
FAMILY_NAMES = 4.3
"""Bits: given names run in families, so in a household a rare one in common says no more."""


@dataclass(frozen=True, eq=False)
class Evidence:
    """What pairs are weighed by: the level of each field, and in steps how much rarer than usual the value is."""

    levels: Pattern
    rarity: npt.NDArray[np.int16]


@dataclass(frozen=True, eq=False)
class Model:
    """What records taught: log2 of the chances of each level for one person, one household and strangers."""

    fields: Sequence[str]
    person: Table
    household: Table
    strangers: Table
    expected: Mapping[str, float]
    """How many pairs of each class there are, in log2."""
    shares: Mapping[str, Shares]

    def evidence(self, levels: Pattern, common: npt.NDArray[np.int16]) -> Evidence:
        """Give what pairs are weighed by, from how their fields agree and how common the values are that they share."""
        levels = with_told(self.fields, levels, common)
        rarity = np.zeros(levels.shape, dtype=np.int16, order="F")
        for place, name in enumerate(self.fields):
            if name not in (*WITHOUT_RARITY, *TOLD):
                equal = np.flatnonzero(levels[:, place] == 0)
                rarity[equal, place] = self._rarity(place, common[equal, place])
        if NAMESAKES in self.fields:
            told = levels[:, self.fields.index(NAMESAKES)] >= 0
            for name in ("given_name", "surname"):
                rarity[told, self.fields.index(name)] = 0
        return Evidence(levels, rarity)

    def _rarity(self, place: int, common: Steps) -> Steps:
        """Give how much oftener strangers share values than the model says of their field."""
        name, usual = self.fields[place], float(self.strangers[place][0])
        if name in USED_BY_OTHERS:
            return steps_of(more_often(name, np.exp2(common / STEPS), usual, self.expected["strangers"]))
        return np.clip(common - round(usual * STEPS), -MOST_RARITY * STEPS, MOST_RARITY * STEPS).astype(np.int16)

    def odds(self, evidence: Evidence) -> tuple[Floats, Floats]:
        """Give the odds of one person in bits (0: even), and the evidence alone without what is expected."""
        person, household, strangers = log_chances((self.person, self.household, self.strangers), evidence.levels)
        rare = evidence.rarity / STEPS
        strangers += rare.sum(axis=1)
        if "given_name" in self.fields:
            household += np.clip(rare[:, self.fields.index("given_name")], -FAMILY_NAMES, FAMILY_NAMES)
        against = np.logaddexp2(self.expected["household"] + household, self.expected["strangers"] + strangers)
        return self.expected["person"] + person - against, person - np.maximum(household, strangers)


def with_told(fields: Sequence[str], levels: Pattern, common: npt.NDArray[np.int16]) -> Pattern:
    """Give the levels with those of the fields of TOLD, which stand among what is common."""
    told = [place for place, name in enumerate(fields) if name in TOLD]
    if not told:
        return levels
    found = levels.copy(order="F")
    found[:, told] = common[:, told]
    return found


class Common:
    """How common the values of one set of records are, in steps."""

    def __init__(self, shares: Mapping[str, Shares], encoded: Encoded) -> None:
        self._encoded = encoded
        pool = ThreadPoolExecutor(1)
        self._steps = {name: pool.submit(_steps, encoded, name, one) for name, one in shares.items()}
        pool.shutdown(wait=False)

    def of(self, fields: Sequence[str], levels: Pattern, left: Ints, right: Ints) -> npt.NDArray[np.int16]:
        """Give how common the value is that each pair agrees on, per field; 0 where it agrees on none that counts.

        Of the fields of TOLD, it is their level.
        """
        found = np.zeros(levels.shape, dtype=np.int16, order="F")
        for place, name in enumerate(fields):
            if name in TOLD:
                found[:, place] = self.told(name, fields, levels, left, right)
            elif name in self._steps:
                equal = np.flatnonzero(levels[:, place] == 0)
                codes = rarity_column(self._encoded, name).codes
                one, other = codes[left[equal]], codes[right[equal]]
                found[equal, place] = self._steps[name].result()[np.where(one >= 0, one, other)]
        return found

    def told(self, name: str, fields: Sequence[str], levels: Pattern, left: Ints, right: Ints) -> Steps:
        """Give the level of each pair in a field of TOLD."""
        if name == REPEATS:
            return levels_of_sources(self._encoded["datasource"], self._steps[REPEATS].result(), left, right)
        return self._namesakes(fields, levels, left, right)

    def _namesakes(self, fields: Sequence[str], levels: Pattern, left: Ints, right: Ints) -> Steps:
        """Give the class of the full name on which each pair agrees, NOT_KNOWN where it agrees on none."""
        given, surname = (levels[:, fields.index(name)] for name in ("given_name", "surname"))
        same = same_name(self._encoded, given, surname, left, right)
        return np.where(
            same, self._steps[NAMESAKES].result()[self._encoded["full_name"].codes[left]], np.int16(NOT_KNOWN)
        )


def _steps(encoded: Encoded, name: str, shares: Shares) -> Steps:
    """Give how common each value of a field is, and 0 for one that is not known."""
    return np.append(shares.of(rarity_column(encoded, name)), np.int16(0))


class Scale:
    """A model at work on one set of records."""

    def __init__(self, model: Model, encoded: Encoded) -> None:
        self.model, self._encoded = model, encoded
        self._common = Common(model.shares, encoded)

    def weigh(self, left: Ints, right: Ints, levels: Pattern | None = None) -> tuple[Floats, Floats]:
        """Give the odds of one person in bits (0: even), and the evidence alone without what is expected."""

        odds, alone = np.empty(len(left)), np.empty(len(left))

        def part(rows: slice) -> None:
            known = None if levels is None else levels[rows]
            odds[rows], alone[rows] = self.model.odds(self.evidence(left[rows], right[rows], known))

        fill(len(left), part)
        return odds, alone

    def evidence(self, left: Ints, right: Ints, levels: Pattern | None = None) -> Evidence:
        """Compare pairs; `levels` where they have been compared before."""
        if levels is None:
            levels = compare(self._encoded, self.model.fields, left, right)
        return self.model.evidence(levels, self._common.of(self.model.fields, levels, left, right))


def in_parts(size: int, part: Callable[[slice], Given]) -> Iterator[Given]:
    """Do a part of the pairs at a time, several beside each other; the results come in order."""
    rows = slices(size, -(-size // AT_ONCE)) or [slice(0, 0)]
    if len(rows) == 1:
        yield part(rows[0])
        return
    with ThreadPoolExecutor(WORKERS) as pool:
        yield from pool.map(part, rows)


def fill(size: int, part: Callable[[slice], None]) -> None:
    """Have every part of the pairs filled in."""
    for _ in in_parts(size, part):
        continue


def log_chances(tables: Sequence[Table], levels: Pattern) -> list[Floats]:
    """Add up the logarithms over fields by each of some tables; an unknown level says nothing."""
    found = [np.zeros(len(levels)) for _ in tables]
    for place in range(levels.shape[1]):
        level = levels[:, place].astype(np.intp)
        for chances, table in zip(found, tables, strict=True):
            chances += np.append(table[place], 0.0).take(level)
    return found
