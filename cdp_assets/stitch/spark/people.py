"""Brings records to Stitch's spelling in Spark, numbers them, and takes those that say the same as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial, reduce

import polars as pl
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from cdp_assets.config.stitch import BadValueRule, Stitch
from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.bad_values import without_bad_values
from cdp_assets.stitch.collapse import collapse
from cdp_assets.stitch.normalise.records import KEYS, normalised
from cdp_assets.stitch.spark.frames import bucketed, mapped

NUMBER, STANDS = "number", "stands"
"""A record's place among all records in order, and the number of the record that stands for it."""
PART, AT = "_cdp_part", "_cdp_at"
ROWS_PER_PART = 1_000_000
JUDGED_BY = ("given_name", "surname", "email", "phone", "address", "postal")
BLANKED = ("email", "phone", "address")
BAD = {NUMBER: pl.Int64, "semantic": pl.String}
TWINS = {NUMBER: pl.Int64, STANDS: pl.Int64}


@dataclass(frozen=True)
class Numbered:
    """A stage whose rows have their places in the whole: a part's first place, and a place in that part."""

    stages: Stages
    name: str
    first: Mapping[int, int]
    size: int

    def frame(self, number: str) -> DataFrame:
        """Give the rows with their numbers, from 0, without a gap."""
        frame = self.stages.read(self.name)
        if not self.first:
            return frame.withColumn(number, f.col(AT)).drop(PART, AT)
        first = f.create_map(*(f.lit(one).cast("long") for pair in self.first.items() for one in pair))
        return frame.withColumn(number, first[f.col(PART).cast("long")] + f.col(AT)).drop(PART, AT)


def keep_records(stages: Stages, records: Make, settings: Stitch, buckets: int) -> Numbered:
    """Keep every record, normalised, without its bad values, in the order of (datasource, pk)."""
    schema = normalised(pl.DataFrame(stages.answer(lambda: records().limit(0)))).schema

    def make() -> DataFrame:
        ordered = records().repartitionByRange(buckets, *KEYS).sortWithinPartitions(*KEYS)
        spelled = mapped(ordered, normalised, schema)
        return spelled.withColumn(PART, f.spark_partition_id()).withColumn(AT, f.monotonically_increasing_id())

    stages.keep("normalised", lambda: make().withColumn(AT, f.col(AT).bitwiseAND(f.lit((1 << 33) - 1))))
    found = _numbered(stages, "normalised")
    if settings.badvalues_config:
        stages.keep("bad", lambda: _bad(found.frame(NUMBER), settings, buckets))
    return found


def _bad(records: DataFrame, settings: Stitch, buckets: int) -> DataFrame:
    """Give number, semantic of every bad value."""
    narrow = records.select(NUMBER, *JUDGED_BY)
    found = [
        bucketed(
            narrow.where(f.col(rule.semantic).isNotNull()), f.col(rule.semantic), buckets, partial(_judge, rule), BAD
        )
        for rule in settings.badvalues_config
    ]
    return reduce(DataFrame.union, found).distinct()


def _judge(rule: BadValueRule, records: pl.DataFrame) -> pl.DataFrame:
    flags = without_bad_values(records, (rule,)).flags
    return records.filter(flags[f"blv_{rule.semantic}"]).select(NUMBER, semantic=pl.lit(rule.semantic))


def without_bad(stages: Stages, records: DataFrame) -> DataFrame:
    """Give the records with their bad values null."""
    bad = stages.read("bad").groupBy(NUMBER).agg(f.collect_set("semantic").alias("bad"))
    joined = records.join(bad, NUMBER, "left")
    blanked = {name: f.when(~f.coalesce(f.array_contains("bad", name), f.lit(False)), f.col(name)) for name in BLANKED}
    return joined.withColumns(blanked).drop("bad")


def keep_people(stages: Stages, records: Numbered, settings: Stitch, buckets: int) -> Numbered:
    """Keep the records that stand for all (`people`), and who stands for each other one (`twins`: number, stands)."""

    def judged() -> DataFrame:
        frame = records.frame(NUMBER)
        return without_bad(stages, frame) if settings.badvalues_config else frame

    stages.keep("judged", judged)
    stages.keep("twins", lambda: _twins(stages.read("judged"), buckets))
    standing = Window.partitionBy(PART).orderBy(NUMBER)

    def people() -> DataFrame:
        alone = stages.read("judged").join(stages.read("twins").select(NUMBER), NUMBER, "left_anti")
        placed = alone.withColumn(PART, (f.col(NUMBER) / ROWS_PER_PART).cast("long"))
        return placed.withColumn(AT, f.row_number().over(standing).cast("long") - 1)

    stages.keep("people", people)
    return _numbered(stages, "people")


def _twins(records: DataFrame, buckets: int) -> DataFrame:
    compared = [name for name in records.columns if name not in (NUMBER, *KEYS)]
    return bucketed(records, f.struct(*compared), buckets, _collapsed, TWINS)


def _collapsed(records: pl.DataFrame) -> pl.DataFrame:
    """Give number, stands of the records that another one stands for."""
    records = records.sort(NUMBER)
    made = collapse(records)
    standing = made.records[NUMBER].gather(made.representative)
    return records.select(NUMBER).with_columns(standing.alias(STANDS)).filter(pl.col(NUMBER) != pl.col(STANDS))


def _numbered(stages: Stages, name: str) -> Numbered:
    counted = stages.answer(lambda: stages.read(name).groupBy(PART).count().orderBy(PART)).to_pylist()
    first, total = {}, 0
    for row in counted:
        first[int(row[PART])] = total
        total += int(row["count"])
    return Numbered(stages, name, first, total)
