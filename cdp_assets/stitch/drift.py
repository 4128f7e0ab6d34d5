"""Tells whether records would teach other weights today than on the day that the model was learnt.

The same part of the records is looked at on both days. The model tells which of its pairs are one person; what these
teach of each weight is held against what they taught then: what is measured is the records' behaviour, not chance. Of
full names and of sources the weights are left out: each class of them has few pairs. Of everything else none moved by
more than 0.08 bits where one record in a hundred was gone, in twenty trials of a million records.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.block import candidate_pairs
from cdp_assets.stitch.compare import TOLD
from cdp_assets.stitch.encode import encode
from cdp_assets.stitch.learn import Sides, levels_of
from cdp_assets.stitch.normalise.nicknames import Nicknames
from cdp_assets.stitch.patterns import chances, histogram
from cdp_assets.stitch.rarity import shares
from cdp_assets.stitch.repeats import REPEATS
from cdp_assets.stitch.slots import Hashes
from cdp_assets.stitch.spelled import Rows
from cdp_assets.stitch.stages import is_worded
from cdp_assets.stitch.weigh import Model, Pattern, Scale

SAMPLE = 10_000
"""A seventh of a second of one processor; a level of one in a hundred has about 70 pairs of one person."""
NEIGHBOURS = 6
"""With so many of those behind it in an order by chance each record makes a pair of strangers."""
RAREST = -10.0
"""In log2, how often strangers agree as seldom as can be told: 59 of these pairs."""
ADDED = 0.5
"""Pairs: so many are added to those of each level."""
LEAST_SHARE = 0.01
"""Of the pairs of one person: how many a level has whose weight is looked at."""
FAMILY = ("surname", "given_name", "email", "phone")
"""The first of these that a record has decides whether it is of the sample, so that people stay together."""
SAMPLE_SCHEMA = {"field": pl.String, "level": pl.Int64, "sample_share": pl.Float64, "sample_bits": pl.Float64}
LEVEL = ["field", "level"]


def family_hashes(people: pl.DataFrame) -> Hashes:
    """Give a number of the family of each record, by which a sample is drawn."""
    return people.select(family=pl.coalesce(FAMILY))["family"].hash(1).to_numpy()


def sampled(hashes: Hashes) -> Rows:
    """Give the rows of at most SAMPLE people: families whole, but for the last one, and the same ones every day.

    `hashes` are those of their families.
    """
    if len(hashes) > SAMPLE:
        least = np.partition(hashes, SAMPLE - 1)[SAMPLE - 1]
        near = np.flatnonzero(hashes <= least)
        return np.sort(near[np.argsort(hashes[near], kind="stable")[:SAMPLE]])
    return np.arange(len(hashes))


def weights_of_sample(chosen: pl.DataFrame, model: Model, settings: Stitch, nicknames: Nicknames) -> pl.DataFrame:
    """Give field, level, sample_share, sample_bits: what some people teach of the fields of a model.

    sample_share: Of the sample's pairs of one person, how many agree so. sample_bits: How much likelier it is for one
    person than for strangers, as log2.
    """
    encoded = encode(chosen, worded=is_worded(model), nicknames=nicknames)
    pairs = candidate_pairs(chosen, _documented(settings))
    levels = levels_of(encoded, model.fields, pairs.left, pairs.right)
    known = shares(encoded, model.fields)
    if REPEATS in model.fields:
        known[REPEATS] = model.shares[REPEATS]
    scale = Scale(replace(model, shares=known), encoded)
    bits, _ = scale.weigh(pairs.left, pairs.right, levels)
    strangers = levels_of(encoded, model.fields, *_strangers(chosen))
    return pl.DataFrame(list(_rows(model.fields, levels[bits > 0], strangers)), schema=SAMPLE_SCHEMA, orient="row")


def _documented(settings: Stitch) -> Stitch:
    """Give the settings without the wider strategies, where there are others: the pairs of these tell enough."""
    return settings.model_copy(update={"wider_blocking": settings.wider_blocking and not settings.blocking_strategies})


def _strangers(chosen: pl.DataFrame) -> Sides:
    """Give pairs by chance, most of them the same ones where one record in a hundred comes or goes."""
    order = chosen.select(KEYS).hash_rows(1).arg_sort().to_numpy().astype(np.int32)
    steps = range(1, NEIGHBOURS + 1)
    return np.concatenate([order[:-step] for step in steps]), np.concatenate([order[step:] for step in steps])


def _rows(fields: Sequence[str], same: Pattern, strangers: Pattern) -> Iterator[tuple[str, int, float, float]]:
    """Give the rows of each field but those of TOLD, from how pairs of one person and pairs of strangers agree."""
    for place, name in enumerate(fields):
        if name not in TOLD:
            counts, by_chance = (histogram(levels, place, name) for levels in (same, strangers))
            bits = np.log2(chances(counts, ADDED)) - np.maximum(np.log2(chances(by_chance, ADDED)), RAREST)
            shares_of = counts / max(len(same), 1)
            yield from ((name, level, float(shares_of[level]), float(bits[level])) for level in range(len(counts)))


def moved(before: pl.DataFrame, today: pl.DataFrame, bound: float) -> str:
    """Say which weight has moved the most, where that is by more bits than the bound; nothing where none has.

    Args:
        before: The table stitch_model of the day that the model was learnt.
        today: What today's sample teaches.
        bound: So many bits are no reason to learn anew.
    """
    both = before.select(*LEVEL, "label", "sample_share", "sample_bits").join(today, on=LEVEL, suffix="_now")
    if both["sample_bits"].null_count():
        return "the run before learnt no sample to hold today's records against"
    common = both.filter(pl.max_horizontal("sample_share", "sample_share_now") >= LEAST_SHARE)
    by = common.with_columns(by=pl.col("sample_bits_now") - pl.col("sample_bits"))
    far = by.filter(pl.col("by").abs() > bound).sort(pl.col("by").abs(), *LEVEL, descending=[True, False, False])
    if far.is_empty():
        return ""
    field, label, bits = far.select("field", "label", "by").row(0)
    return f"the weight of {field} '{label}' moved by {bits:+.1f} bits since the model was learnt"


def told(levels: pl.DataFrame, sample: pl.DataFrame | None) -> pl.DataFrame:
    """Give the rows of a model with what a sample of its records teaches; without a sample these are null."""
    known = pl.DataFrame(schema=SAMPLE_SCHEMA) if sample is None else sample
    return levels.join(known, on=LEVEL, how="left", maintain_order="left")
