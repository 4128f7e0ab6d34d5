"""What a Stitch run was like, in counts: for the operator's plots and for benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import polars as pl

from cdp_assets.stitch.incremental import Part
from cdp_assets.stitch.pace import Chosen
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.scores import CATEGORIES

SIZES = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 10), (11, 15), (16, 20), (21, 25))
LARGEST = "26+"


@dataclass(frozen=True)
class Report:
    """Counts and seconds; no value of any record."""

    records: int
    clusters: int
    pairs: int
    bad_values: int
    skipped_blocks: int
    cluster_sizes: Mapping[str, int]
    """People by how many records they have, in the documented classes."""
    score_categories: Mapping[str, int]
    """Pairs of records of one person by category: those that were never compared, and repeats of a record, too."""
    jitter_percent: float
    """How many of a hundred records that were there have another id without anybody having meant it."""
    pace: str
    """Whether all records were resolved and the model learnt (`learn`) or kept (`whole`), or the `news` alone."""
    why: str
    news: int
    """How many records are new, gone or say something else."""
    seconds: Mapping[str, float]


def report_of(run: Resolved, scores: pl.DataFrame | None, seconds: Mapping[str, float], chosen: Chosen) -> Report:
    """Count what a run found; without scores there are no categories."""
    return Report(
        records=run.judged.records.height,
        clusters=run.assigned.ids["amperity_id"].n_unique(),
        pairs=len(run.pairs.left),
        bad_values=int(run.judged.flags["has_blv"].sum()),
        skipped_blocks=run.pairs.skipped["part"].null_count(),
        cluster_sizes=cluster_sizes(run.assigned.ids),
        score_categories={} if scores is None else score_categories(scores),
        jitter_percent=run.changes.jitter_percent,
        **asdict(chosen),
        seconds=seconds,
    )


def report_of_news(
    part: Part, frames: Mapping[str, pl.DataFrame], seconds: Mapping[str, float], chosen: Chosen
) -> Report:
    """Count what is there after a run over the news alone; pairs are those that it looked at."""
    ids, records, scores = (frames.get(name) for name in ("stitch_ids", "stitch_records", "unified_scores"))
    assert ids is not None and records is not None  # noqa: S101, PT018 - every run of news has both
    sizes = cluster_sizes(ids)
    return Report(
        records=ids.height,
        clusters=sum(sizes.values()),
        pairs=len(part.run.pairs.left),
        bad_values=int(records["has_blv"].sum()),
        skipped_blocks=frames["stitch_blocks"]["part"].null_count(),
        cluster_sizes=sizes,
        score_categories={} if scores is None else score_categories(scores),
        jitter_percent=part.jitter_percent,
        **asdict(chosen),
        seconds=seconds,
    )


def report_of_ids(ids: pl.DataFrame, seconds: Mapping[str, float]) -> Report:
    """Count what a run found that compared nothing."""
    people = ids["amperity_id"].n_unique()
    return Report(
        ids.height, people, 0, 0, 0, cluster_sizes(ids), {}, 0.0, "whole", "one record is one person", 0, seconds
    )


def cluster_sizes(ids: pl.DataFrame) -> dict[str, int]:
    """Count people by their number of records."""
    sizes = ids.group_by("amperity_id").agg(size=pl.len())
    return in_classes(sizes.group_by("size").agg(people=pl.len()))


def in_classes(counted: pl.DataFrame) -> dict[str, int]:
    """Count people in the documented classes; columns in: size, people (how many have so many records)."""
    classes = {(str(low) if low == high else f"{low}-{high}"): (low, high) for low, high in SIZES}
    within = {name: pl.col("size").is_between(*bounds) for name, bounds in classes.items()}
    within[LARGEST] = pl.col("size") > SIZES[-1][1]
    return {name: int(counted.filter(chosen)["people"].sum()) for name, chosen in within.items()}


def score_categories(scores: pl.DataFrame) -> dict[str, int]:
    """Count scored pairs by category, the best first."""
    return in_order(dict(scores["match_category"].value_counts().iter_rows()))


def in_order(counted: Mapping[str, int]) -> dict[str, int]:
    """Give every category with how many pairs it has, the best first."""
    return {category: int(counted.get(category, 0)) for category in reversed(CATEGORIES)}
