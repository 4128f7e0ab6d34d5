"""Runs functions of polars frames on Spark's frames: batch by batch, or bucket by bucket.

What one process does to all records at once, a worker does to some of them with the same function. A function whose
answer for a row depends on other rows is given a bucket: all rows that agree in some columns are in one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

import polars as pl
import pyarrow as pa
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from cdp_assets.lakehouse.arrow import plain_schema
from cdp_assets.lakehouse.batches import of_batches, spelled, with_schema

Kernel = Callable[[pl.DataFrame], pl.DataFrame]
Kernel2 = Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]
Schema: TypeAlias = Mapping[str, Any]
BUCKET = "_cdp_bucket"


def mapped(frame: DataFrame, kernel: Kernel, schema: Schema) -> DataFrame:
    """Give what a function makes of a frame, a batch at a time; rows keep their order and their partition.

    Args:
        schema: Column -> polars type of what the function gives, whatever it is given.
    """

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield from _plain(kernel(pl.DataFrame(pa.table(batch))), schema).to_batches()

    return of_batches(frame, run, _arrow_schema(schema))


def bucketed(frame: DataFrame, by: Column, buckets: int, kernel: Kernel, schema: Schema) -> DataFrame:
    """Give what a function makes of each bucket of a frame; rows with one value of `by` are in one bucket.

    A bucket is a partition, so that its rows need not be sorted by bucket first.
    """

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        if found := [batch for batch in batches if batch.num_rows]:
            yield from _plain(kernel(pl.DataFrame(pa.Table.from_batches(found))), schema).to_batches()

    return of_batches(frame.repartition(buckets, by), run, _arrow_schema(schema))


def bucketed_together(
    one: DataFrame, other: DataFrame, by: str, buckets: int, kernel: Kernel2, schema: Schema
) -> DataFrame:
    """Give what a function makes of each bucket of two frames; both have the column `by`."""

    def run(rows: pa.Table, others: pa.Table) -> pa.Table:
        return _plain(kernel(pl.DataFrame(rows).drop(BUCKET), pl.DataFrame(others).drop(BUCKET)), schema)

    bucket = f.pmod(f.xxhash64(by), f.lit(buckets))
    grouped = [frame.withColumn(BUCKET, bucket).groupBy(BUCKET) for frame in (one, other)]
    made = _arrow_schema(schema)
    return with_schema(grouped[0].cogroup(grouped[1]).applyInArrow(run, spelled(made)), made)


def _arrow_schema(schema: Schema) -> pa.Schema:
    return plain_schema(pl.DataFrame(schema=schema).to_arrow(compat_level=pl.CompatLevel.oldest()).schema)


def _plain(made: pl.DataFrame, schema: Schema) -> pa.Table:
    """Give a frame as Arrow, in the types that Spark knows."""
    return made.select(list(schema)).to_arrow(compat_level=pl.CompatLevel.oldest()).cast(_arrow_schema(schema))
