"""Counts in Spark what became of each person between two runs."""

from __future__ import annotations

import polars as pl
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.identity_changes import DELETED, KINDS, change_kind, counted_kinds
from cdp_assets.stitch.spark.frames import mapped

KIND = {ID: pl.String, "kind": pl.String, "records": pl.Int64}


def change_counts_in_spark(stages: Stages, before: Make | None, after: Make) -> pl.DataFrame:
    """Give what `identity_changes.change_counts` gives of stitch_ids of two runs."""
    earlier = before or (lambda: after().limit(0))
    stages.keep("common", lambda: _common(earlier(), after()))
    stages.keep("kinds", lambda: _kinds(stages.read("common"), after()))
    was = pl.DataFrame(stages.answer(lambda: _people_before(stages)))
    now = pl.DataFrame(stages.answer(lambda: _people(stages.read("kinds").union(_deleted(stages, earlier())))))
    return counted_kinds(*(counts.with_columns(pl.col("kind").cast(KINDS)) for counts in (was, now)))


def _common(before: DataFrame, after: DataFrame) -> DataFrame:
    """Give before, after (ids), records: who was who."""
    was, is_ = (frame.select(*KEYS, f.col(ID).alias(name)) for frame, name in ((before, "before"), (after, "after")))
    return was.join(is_, KEYS).groupBy("before", "after").agg(f.count("*").alias("records"))


def _kinds(common: DataFrame, after: DataFrame) -> DataFrame:
    """Give KIND of everybody who is there."""
    ways = common.withColumn("ways", f.count("*").over(Window.partitionBy("before")))
    origins = ways.groupBy(f.col("after").alias(ID)).agg(
        f.count("*").alias("parts"),
        (f.max("ways") > 1).alias("is_torn"),
        f.min("before").alias("first"),
        f.sum("records").alias("kept"),
    )
    return mapped(_sizes(after).join(origins, ID, "left"), _kind, KIND)


def _kind(people: pl.DataFrame) -> pl.DataFrame:
    return people.select(ID, change_kind().alias("kind"), "records")


def _sizes(ids: DataFrame) -> DataFrame:
    return ids.groupBy(ID).agg(f.count("*").alias("records"))


def _deleted(stages: Stages, before: DataFrame) -> DataFrame:
    """Give KIND of everybody of whom no record is there any more."""
    common = stages.read("common").select(f.col("before").alias(ID))
    return _sizes(before).join(common, ID, "left_anti").select(ID, f.lit(DELETED).alias("kind"), "records")


def _people_before(stages: Stages) -> DataFrame:
    kinds = stages.read("kinds").select(f.col(ID).alias("after"), "kind")
    joined = stages.read("common").join(kinds, "after")
    return joined.groupBy("kind").agg(f.countDistinct("before").alias("people_before"))


def _people(kinds: DataFrame) -> DataFrame:
    return kinds.groupBy("kind").agg(f.count("*").alias("people"), f.sum("records").alias("records"))
