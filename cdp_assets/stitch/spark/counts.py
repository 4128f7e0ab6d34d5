"""Counts in Spark what a run was like, for the operator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import polars as pl
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.assign_ids import ID
from cdp_assets.stitch.changes import CAUSE, MEANT, TYPE, UPDATED
from cdp_assets.stitch.pace import Chosen
from cdp_assets.stitch.report import Report, in_classes, in_order
from cdp_assets.stitch.spark.closed import RETIRED
from cdp_assets.stitch.spark.day import Day
from cdp_assets.stitch.spark.news import Known
from cdp_assets.stitch.spark.numbered import NUMBER
from cdp_assets.stitch.spark.pairs import MOST_PARTS
from cdp_assets.stitch.spark.resolve import Weighed


def report(stages: Stages, weighed: Weighed, parts: Mapping[str, Make], chosen: Chosen, *, follows: bool) -> Report:
    """Count what a run found; `parts` are the tables that workers made. Without scores there are no categories."""
    sizes = _frame(stages, lambda: _sizes(parts["stitch_ids"]()))
    return Report(
        records=weighed.everything.size,
        clusters=int(sizes["people"].sum()),
        pairs=weighed.pairs,
        bad_values=_count(stages, lambda: stages.read("bad").select(NUMBER).distinct()),
        skipped_blocks=_count(stages, lambda: stages.read("large").where(f.col("strategy") % MOST_PARTS == 0)),
        cluster_sizes=in_classes(sizes),
        score_categories=_categories(stages, parts),
        jitter_percent=_jitter_percent(stages, parts["unified_changes_pks"]) if follows else 0.0,
        **asdict(chosen),
        seconds=_seconds(stages),
    )


def report_of_day(stages: Stages, day: Day, tables: Mapping[str, Make], chosen: Chosen, known: Known) -> Report:
    """Count what is there after a run over the news alone; pairs are those that it looked at."""
    sizes = _frame(stages, lambda: _sizes(tables["stitch_ids"]()))
    before = _count(stages, lambda: known.read("stitch_ids"))
    return Report(
        records=int((sizes["size"] * sizes["people"]).sum()),
        clusters=int(sizes["people"].sum()),
        pairs=len(day.part.run.pairs.left),
        bad_values=_count(stages, lambda: tables["stitch_records"]().where("has_blv")),
        skipped_blocks=_count(stages, lambda: tables["stitch_blocks"]().where(f.col("part").isNull())),
        cluster_sizes=in_classes(sizes),
        score_categories=_categories(stages, tables),
        jitter_percent=day.part.jitter_percent * day.near.known.height / max(before, 1),
        **asdict(chosen),
        seconds=_seconds(stages),
    )


def _seconds(stages: Stages) -> dict[str, float]:
    return {name: one.seconds for name, one in stages.measures.items()}


def _sizes(ids: DataFrame) -> DataFrame:
    """Give size, people: how many people have so many records."""
    return ids.groupBy(ID).agg(f.count("*").alias("size")).groupBy("size").agg(f.count("*").alias("people"))


def _categories(stages: Stages, parts: Mapping[str, Make]) -> dict[str, int]:
    if "unified_scores" not in parts:
        return {}
    counted = _frame(stages, lambda: parts["unified_scores"]().groupBy("match_category").count())
    return in_order(dict(counted.iter_rows()))


def _jitter_percent(stages: Stages, changes: Make) -> float:
    """Give how many of a hundred records that were there have another id without anybody having meant it."""
    before = _count(stages, lambda: stages.read("held").where(~f.col(RETIRED)))
    moved = (f.col(TYPE) == UPDATED) & ~f.col(CAUSE).isin(*MEANT)
    return 100 * _count(stages, lambda: changes().where(moved)) / max(before, 1)


def _count(stages: Stages, make: Make) -> int:
    [row] = stages.answer(lambda: make().agg(f.count("*").alias("rows"))).to_pylist()
    return int(row["rows"])


def _frame(stages: Stages, make: Make) -> pl.DataFrame:
    return pl.DataFrame(stages.answer(make))
