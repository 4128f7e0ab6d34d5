"""Weighs pairs: labels first, then rules and keys, then the model."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.column import Bools, Floats, Ints
from cdp_assets.stitch.keys import Values
from cdp_assets.stitch.labels import Forced
from cdp_assets.stitch.normalise.nicknames import COMMON, Nicknames
from cdp_assets.stitch.rules import decisions, first_rule, rules_of, spelled
from cdp_assets.stitch.scores import LIMIT_BITS, linking_bits
from cdp_assets.stitch.weigh import Pattern, Scale, fill

Decided = npt.NDArray[np.int8]
LABEL, NO_MODEL = "label", "no rule holds"


class Decisions:
    """What labels and rules decide on pairs of records."""

    def __init__(self, people: pl.DataFrame, settings: Stitch, forced: Forced, nicknames: Nicknames = COMMON) -> None:
        self._forced, self._settings = forced, settings
        self._rules, self._values = rules_of(settings), Values(people, settings.case_sensitive_fks, nicknames)

    def decided(self, left: Ints, right: Ints) -> Decided:
        """Give 1 for pairs that are one person, -1 for those that are two, 0 where the model has the word."""
        labelled = self._forced.decided(left, right)
        return np.where(labelled != 0, labelled, decisions(self._rules, self.rule(left, right)))

    def rule(self, left: Ints, right: Ints) -> npt.NDArray[np.int16]:
        """Give the place of the rule that holds for each pair, -1 where none does."""
        return first_rule(self._rules, self._values, left, right)

    def decided_by(self, left: Ints, right: Ints) -> pl.Series:
        """Give what decided on each pair in words: a label, a rule, or that there is no model; null: the model did."""
        words = [*map(spelled, self._rules), NO_MODEL if is_rules_only(self._settings) else None]
        by_rule = pl.Series(words, dtype=pl.String).gather(self.rule(left, right).astype(np.int64) % len(words))
        labelled = pl.Series(self._forced.decided(left, right) != 0)
        return pl.select(pl.when(labelled).then(pl.lit(LABEL)).otherwise(by_rule)).to_series()

    def sure(self, left: Ints, right: Ints) -> Bools:
        """Say which pairs are one person whatever the model says, such as those with an equal foreign key."""
        return self.decided(left, right) > 0

    def apart(self, left: Ints, right: Ints) -> Bools:
        """Say which pairs are two people whatever the model says, such as those whose separation keys differ."""
        return self.decided(left, right) < 0


class Judge(Decisions):
    """Weighs pairs of records; what labels and rules decide, no model overrules."""

    def __init__(
        self, people: pl.DataFrame, scale: Scale, settings: Stitch, forced: Forced, nicknames: Nicknames = COMMON
    ) -> None:
        super().__init__(people, settings, forced, nicknames)
        self.scale = scale

    def weigh(self, left: Ints, right: Ints, levels: Pattern | None = None) -> tuple[Floats, Floats]:
        """Give odds and evidence in bits; without a model, what no rule decides on is no link and no doubt.

        levels: how well the fields of each pair agree, where that is known already.
        """
        bits, evidence = np.empty(len(left)), np.empty(len(left))

        def part(rows: slice) -> None:
            bits[rows], evidence[rows], _ = self._weigh(left, right, levels, rows)

        fill(len(left), part)
        return bits, evidence

    def bits(self, left: Ints, right: Ints, levels: Pattern | None = None) -> Floats:
        """Give the odds that `weigh` gives, in half of the memory."""
        return self.bits_and_decided(left, right, levels)[0]

    def bits_and_decided(self, left: Ints, right: Ints, levels: Pattern | None = None) -> tuple[Floats, Decided]:
        """Give the odds that `weigh` gives, and what `decided` does, which these follow."""
        bits, decided = np.empty(len(left)), np.empty(len(left), dtype=np.int8)

        def part(rows: slice) -> None:
            bits[rows], _, decided[rows] = self._weigh(left, right, levels, rows)

        fill(len(left), part)
        return bits, decided

    def _weigh(self, left: Ints, right: Ints, levels: Pattern | None, rows: slice) -> tuple[Floats, Floats, Decided]:
        """Weigh a part of the pairs, and say what is decided on them."""
        left, right = left[rows], right[rows]
        decided = self.decided(left, right)
        if is_rules_only(self._settings):
            bits, evidence = np.zeros(len(left)), np.zeros(len(left))
        else:
            bits, evidence = self.scale.weigh(left, right, None if levels is None else levels[rows])
        return overruled(bits, decided, self._settings), np.where(decided < 0, -LIMIT_BITS, evidence), decided

    def weigh_within(self, left: Ints, right: Ints) -> tuple[Floats, Floats]:
        """Weigh pairs of one component; without a model, what no rule decides on neither joins nor parts."""
        bits, evidence = self.weigh(left, right)
        if is_rules_only(self._settings):
            bits = np.where(self.decided(left, right) == 0, linking_bits(self._settings.threshold), bits)
        return bits, evidence


def is_rules_only(settings: Stitch) -> bool:
    """Say whether the model is not asked about what no rule decides on."""
    return settings.remainder == "unclustered"


def overruled(bits: Floats, decided: Decided, settings: Stitch) -> Floats:
    """Give the odds that count: beyond all that a model says where pairs are decided."""
    undecided = np.full(len(bits), -LIMIT_BITS) if is_rules_only(settings) else bits
    return np.where(decided != 0, decided * LIMIT_BITS, undecided)
