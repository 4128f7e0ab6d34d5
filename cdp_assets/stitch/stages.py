"""Compares, weighs and groups, all records or a part of them, with a model that is learnt or given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import Pairs
from cdp_assets.stitch.cluster import Clusters
from cdp_assets.stitch.collapse import Collapsed
from cdp_assets.stitch.column import Bools, Floats, Ints
from cdp_assets.stitch.compare import fields_of
from cdp_assets.stitch.encode import encode
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.group import grouped
from cdp_assets.stitch.judge import Judge
from cdp_assets.stitch.labels import Forced, no_labels
from cdp_assets.stitch.learn import learn, levels_of
from cdp_assets.stitch.normalise.nicknames import amended
from cdp_assets.stitch.weigh import Model, Scale

Lap = Callable[[str], None]
"""Called with the name of each stage as it ends."""


@dataclass(frozen=True, eq=False)
class Matched:
    """What comparing the standing records found; `bits` are the odds of each of `pairs`."""

    pairs: Pairs
    bits: Floats
    judge: Judge
    found: Clusters


def no_lap(_: str) -> None:
    """Do nothing as a stage ends: nobody asks how long it took."""


def matched(
    collapsed: Collapsed,
    labels: Forced,
    pairs: Pairs,
    settings: Stitch,
    given: Given,
    model: Model | None = None,
    lap: Lap = no_lap,
) -> Matched:
    """Weigh candidate pairs and group the records that they link; without a model, learn it of these pairs.

    Records that stand for others or themselves are numbered by `labels` and `pairs` as they are in `collapsed`.
    """
    people, nicknames = collapsed.records, amended(given.nicknames)
    encoded = encode(people, worded=None if model is None else is_worded(model), nicknames=nicknames)
    fields = fields_of(encoded) if model is None else model.fields
    levels = levels_of(encoded, fields, pairs.left, pairs.right)
    lap("compare")
    if model is None:
        model = learn(encoded, fields, (pairs.left, pairs.right), levels, collapsed.doubles)
    scale = Scale(model, encoded)
    lap("learn")
    judge = Judge(people, scale, settings, labels, nicknames)
    bits = judge.bits(pairs.left, pairs.right, levels)
    del levels  # a byte per pair and field: much beside what grouping needs
    found = grouped(people, pairs, bits, judge, settings, labels)
    lap("cluster")
    return Matched(pairs, bits, judge, found)


def is_worded(model: Model) -> bool:
    """Say whether a model was learnt of records whose second lines hold words."""
    return "address_words" in model.fields


@dataclass(frozen=True, eq=False)
class Weighed:
    """Pairs of people by row number: their odds in bits, and whether they are one person or two whatever these say."""

    left: Ints
    right: Ints
    bits: Floats
    sure: Bools
    apart: Bools


def weighed(people: pl.DataFrame, left: Ints, right: Ints, model: Model, settings: Stitch, given: Given) -> Weighed:
    """Weigh pairs where there are no labels."""
    nicknames = amended(given.nicknames)
    scale = Scale(model, encode(people, worded=is_worded(model), nicknames=nicknames))
    judge = Judge(people, scale, settings, no_labels(people.height), nicknames)
    bits, decided = judge.bits_and_decided(left, right)
    return Weighed(left, right, bits, decided > 0, decided < 0)
