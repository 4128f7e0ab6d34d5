"""Takes records out of tables in Spark, and puts rows that are here, or of earlier runs, beside others."""

from __future__ import annotations

import datetime as dt

import polars as pl
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from cdp_assets.lakehouse.arrow import plain_schema
from cdp_assets.lakehouse.batches import spelled
from cdp_assets.lakehouse.stages import Make
from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.carry import NAMED_BY
from cdp_assets.stitch.given import Given


def frame_of(session: SparkSession, rows: pl.DataFrame) -> DataFrame:
    """Give rows that are here as a frame; none of them need be there."""
    table = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
    plain = table.cast(plain_schema(table.schema))
    return session.createDataFrame(plain, spelled(plain.schema))


def without(make: Make, records: pl.DataFrame | None) -> DataFrame:
    """Give a table without the rows that name one of some records; columns in: datasource, pk."""
    frame = make()
    if records is None or records.is_empty():
        return frame
    gone = frame_of(frame.sparkSession, records.select(KEYS))
    for source, pk in NAMED_BY:
        if {source, pk} <= set(frame.columns):
            named = gone.toDF(source, pk)
            frame = frame.join(f.broadcast(named), [source, pk], "left_anti").select(*frame.columns)
    return frame


def naming(make: Make, records: pl.DataFrame) -> DataFrame:
    """Give the rows of a table of pairs of which one end, or both, is one of some records."""
    frame = make()
    named = frame_of(frame.sparkSession, records.select(KEYS))
    for end in ("1", "2"):
        ours = named.toDF(f"source{end}", f"pk{end}").withColumn(f"_cdp_{end}", f.lit(True))
        frame = frame.join(f.broadcast(ours), [f"source{end}", f"pk{end}"], "left")
    return frame.where(f.coalesce("_cdp_1", "_cdp_2")).drop("_cdp_1", "_cdp_2")


def with_history(make: Make, known: Make | None, given: Given, days: int) -> DataFrame:
    """Give the changes of earlier runs that are no older than so many days, then those of this one."""
    rows = make()
    if known is None:
        return rows
    oldest = given.at - dt.timedelta(days=days)
    return known().where(f.col("timestamp") > f.lit(oldest)).select(*rows.columns).union(rows)
