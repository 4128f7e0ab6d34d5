"""Groups the records of each component in Spark: the components are found together, then each bucket alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.lakehouse.stages import Stages
from cdp_assets.stitch.block import SKIPPED_SCHEMA, Pairs
from cdp_assets.stitch.cluster import Clusters
from cdp_assets.stitch.column import Floats
from cdp_assets.stitch.group import grouped
from cdp_assets.stitch.judge import Judge
from cdp_assets.stitch.scores import linking_bits
from cdp_assets.stitch.spark.components import NODE, ROOT, keep_components
from cdp_assets.stitch.spark.evidence import BITS, DECIDED, Comparison, left_of, right_of
from cdp_assets.stitch.spark.frames import bucketed_together, mapped
from cdp_assets.stitch.spark.numbered import NUMBER, ROW
from cdp_assets.stitch.spark.pairs import PAIR
from cdp_assets.stitch.weigh import Model, Scale

GROUPS = {"group": pl.Int64, ROW: pl.Int64}
CLUSTERS = {ROW: pl.Int64, "cluster": pl.Int64}


@dataclass(frozen=True, eq=False)
class Grouped:
    """What a worker found out about the people of a bucket, by their places in it."""

    pairs: Pairs
    bits: Floats
    judge: Judge
    found: Clusters


def keep_roots(stages: Stages, comparison: Comparison) -> None:
    """Keep a stage `members`: row, root (the smallest row of the component) of everybody who is linked to somebody."""
    stages.keep("edges", lambda: _edges(stages, comparison))
    keep_components(stages, "roots", lambda: stages.read("edges"))
    stages.keep("members", lambda: _members(stages))


def keep_clusters(stages: Stages, comparison: Comparison, model: Model) -> None:
    """Keep a stage `clusters`: row, cluster (its smallest row) of everybody who is linked to somebody."""
    keep_roots(stages, comparison)

    def clusters() -> DataFrame:
        members = stages.read("members")
        people = stages.read("profiles").join(members, ROW)
        kernel = partial(_clusters, comparison, model)
        return bucketed_together(people, inside(stages, comparison), ROOT, stages.parts, kernel, CLUSTERS)

    stages.keep("clusters", clusters)


def _edges(stages: Stages, comparison: Comparison) -> DataFrame:
    """Give the pairs that link: by their odds, and by labels."""
    size = comparison.outline.size
    linked = (f.col(BITS) >= linking_bits(comparison.settings.threshold)) & (f.col(DECIDED) >= 0)
    pairs = stages.read("scored").where(linked).select(left_of(PAIR, size).alias("a"), right_of(PAIR, size).alias("b"))
    groups = mapped(stages.read("profiles").select(ROW, NUMBER), partial(_labelled, comparison), GROUPS)
    first = groups.groupBy("group").agg(f.min(ROW).alias("b"))
    return pairs.union(groups.join(first, "group").select(f.col(ROW).alias("a"), "b"))


def _labelled(comparison: Comparison, people: pl.DataFrame) -> pl.DataFrame:
    groups = pl.Series("group", comparison.labels.of(people[NUMBER]).groups)
    return people.select(groups, ROW).filter(pl.col("group") >= 0)


def _members(stages: Stages) -> DataFrame:
    """Give row, root of everybody in a component of several."""
    roots = stages.read("roots").select(f.col(NODE).alias(ROW), ROOT)
    return roots.union(roots.select(f.col(ROOT).alias(ROW), ROOT).distinct())


def inside(stages: Stages, comparison: Comparison) -> DataFrame:
    """Give root, pair, bits of the pairs within components."""
    size, members = comparison.outline.size, stages.read("members")
    left, right = (members.select(f.col(ROW).alias(side), f.col(ROOT).alias(f"{side}_root")) for side in ("a", "b"))
    pairs = stages.read("scored").select(PAIR, BITS, left_of(PAIR, size).alias("a"), right_of(PAIR, size).alias("b"))
    joined = pairs.join(left, "a").join(right, "b").where(f.col("a_root") == f.col("b_root"))
    return joined.select(f.col("a_root").alias(ROOT), PAIR, BITS)


def _clusters(comparison: Comparison, model: Model, people: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Give row, cluster of the people of one bucket."""
    people = people.sort(ROW)
    rows, labels = people[ROW].to_numpy(), grouped_of(comparison, model, people, pairs).found.labels
    _, first, which = np.unique(labels, return_index=True, return_inverse=True)
    return pl.DataFrame({ROW: rows, "cluster": rows[first[which]]}, schema=CLUSTERS)


def grouped_of(comparison: Comparison, model: Model, people: pl.DataFrame, pairs: pl.DataFrame) -> Grouped:
    """Group the people of one bucket, which holds whole components.

    Args:
        people: Profiles in the order of their rows.
        pairs: pair, bits of those within components.
    """
    pairs, rows = pairs.sort(PAIR), people[ROW].to_numpy()
    ends = np.divmod(pairs[PAIR].to_numpy(), comparison.outline.size)
    left, right = (np.searchsorted(rows, end).astype(np.int32) for end in ends)
    encoded = comparison.outline.encoded(people)
    scale = Scale(replace(model, shares=comparison.outline.shares(encoded, people)), encoded)
    labels = comparison.labels.of(people[NUMBER])
    judge = Judge(people, scale, comparison.settings, labels, comparison.outline.nicknames)
    candidates = Pairs(left, right, pl.DataFrame(schema=SKIPPED_SCHEMA))
    bits = pairs[BITS].to_numpy()
    found = grouped(people, candidates, bits, judge, comparison.settings, labels)
    return Grouped(candidates, bits, judge, found)
