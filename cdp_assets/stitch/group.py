"""Groups the records of some people: by what was weighed, then by staples, then as labels say."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import Pairs
from cdp_assets.stitch.cluster import Clusters, clusters
from cdp_assets.stitch.column import Floats
from cdp_assets.stitch.judge import Judge
from cdp_assets.stitch.labels import Forced
from cdp_assets.stitch.scores import linking_bits
from cdp_assets.stitch.staple import stapled
from cdp_assets.stitch.steer import steered


def grouped(
    people: pl.DataFrame, pairs: Pairs, bits: Floats, judge: Judge, settings: Stitch, labels: Forced
) -> Clusters:
    """Give who is one person.

    Records that no pair above the threshold, staple or label links, directly or through others, do not matter to each
    other: the records of some components are grouped as they are among all.

    Args:
        people: Records that stand for all, as `pairs`, `judge` and `labels` number them.
        bits: The odds of each pair.
    """
    found = clusters(
        people.height,
        pairs.left,
        pairs.right,
        bits,
        apart=judge.apart,
        threshold_bits=linking_bits(settings.threshold),
        supersized_size=settings.supersized_cluster_min_size,
        max_depth=settings.supersized_partition_max_depth,
        weigh=judge.weigh_within,
    )
    return steered(_stapled(found, judge, people, settings), labels, judge)


def _stapled(found: Clusters, judge: Judge, people: pl.DataFrame, settings: Stitch) -> Clusters:
    if not settings.enable_staple:
        return found
    labels = stapled(found.labels, people, settings.staple_semantics, judge, settings.threshold)
    return replace(found, labels=labels)
