"""Resolves records that are here in Spark, and passes on how well they agree, pair by pair."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import polars as pl
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.stages import Make, stages_of
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.spark.ids import GIVEN
from cdp_assets.stitch.spark.run import Asked, stitched_in_spark


def ids_and_scores_in_spark(
    lake: Lake, records: pl.DataFrame, settings: Stitch, key: bytes, take: Callable[[pa.RecordBatchReader], None]
) -> tuple[pl.DataFrame, int]:
    """Give what `ids_in_spark` gives, and have stitch_scores taken: its rows in the order of one process.

    A batch of scores is here at a time. All tables are made, which takes longer than the ids alone.
    """
    wanted = settings.model_copy(update={"skip_unified_scores": False})
    with stages_of(lake) as given:
        records.write_parquet(given.folder / GIVEN)
        with stitched_in_spark(lake, lambda: given.read(GIVEN), Asked(wanted, Given(key))) as made:
            take(_read(lake, made.of_spark("stitch_scores")))
            ids = made.of_spark("stitch_ids")
            return pl.DataFrame(made.stages.answer(ids)).sort(KEYS), made.report.pairs


def _read(lake: Lake, scores: Make) -> pa.RecordBatchReader:
    batches = lake.batches(lake.sessions.run(lambda: _in_order(scores())))
    first = next(batches)
    return pa.RecordBatchReader.from_batches(first.schema, chain([first], batches))


def _in_order(scores: DataFrame) -> DataFrame:
    """Give pairs of one person first, then those of two."""
    return scores.orderBy(f.col(f"{ID}1") != f.col(f"{ID}2"), "source1", "pk1", "source2", "pk2")
