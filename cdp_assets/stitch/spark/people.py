"""Brings records to Stitch's spelling in Spark, numbers them, and takes those that say the same as one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from functools import partial, reduce

import polars as pl
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from cdp_assets.config.stitch import BadValueRule, Stitch
from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.bad_values import VALUES_SCHEMA, BadBy, bad_values, place_of, rules_about
from cdp_assets.stitch.collapse import collapse
from cdp_assets.stitch.normalise.records import COMPARED, KEYS, normalised
from cdp_assets.stitch.semantic_columns import column_of
from cdp_assets.stitch.spark.frames import bucketed, mapped
from cdp_assets.stitch.spark.labelled import Labelled
from cdp_assets.stitch.spark.numbered import AT, NUMBER, PART, Numbered, numbered
from cdp_assets.stitch.spelled import HASH, hashes

STANDS = "stands"
"""The number of the record that stands for a record."""
ROWS_PER_PART = 1_000_000
BAD = {
    NUMBER: pl.Int64,
    "column": pl.String,
    **{name: VALUES_SCHEMA[name] for name in VALUES_SCHEMA if name != "num_values"},
}
TWINS = {NUMBER: pl.Int64, STANDS: pl.Int64}


def keep_records(stages: Stages, records: Make, settings: Stitch, listed: pl.DataFrame | None) -> Numbered:
    """Keep every record, normalised with its HASH and in the order of (datasource, pk); and `bad`: BAD.

    Args:
        listed: What the tenant's own tables call bad.
    """
    profiles = settings.pre_processing_profiles
    schema = spelled(profiles, pl.DataFrame(stages.answer(lambda: records().limit(0)))).schema

    def make() -> DataFrame:
        ordered = records().repartitionByRange(stages.parts, *KEYS).sortWithinPartitions(*KEYS)
        made = mapped(ordered, partial(spelled, profiles), schema)
        return made.withColumn(PART, f.spark_partition_id()).withColumn(AT, f.monotonically_increasing_id())

    stages.keep("normalised", lambda: make().withColumn(AT, f.col(AT).bitwiseAND(f.lit((1 << 33) - 1))))
    found = numbered(stages, "normalised")
    stages.keep("bad", lambda: _bad(found.frame(NUMBER), settings, listed, stages.parts))
    return found


def spelled(profiles: Collection[str], records: pl.DataFrame) -> pl.DataFrame:
    """Give records normalised, in order, with what tells them from what they said before."""
    return normalised(records, profiles).with_columns(hashes(records).sort(KEYS)[HASH])


def _bad(records: DataFrame, settings: Stitch, listed: pl.DataFrame | None, parts: int) -> DataFrame:
    """Give BAD of every bad value: by rule where all records of a value are together, by list anywhere."""
    found = [mapped(records, partial(_bad_by_list, settings, listed), BAD)]
    for rule in rules_about(settings.badvalues_config, records.columns):
        column, proxy = column_of(rule.semantic), column_of(rule.proxy)
        needed = dict.fromkeys(("datasource", *place_of(column), proxy))
        held = records.select(NUMBER, *needed).where(f.col(column).isNotNull())
        found.append(bucketed(held, f.col(column), parts, partial(_bad_by_rule, rule), BAD))
    return reduce(DataFrame.union, found).distinct()


def _bad_by_rule(rule: BadValueRule, records: pl.DataFrame) -> pl.DataFrame:
    return _numbered(records, bad_values(records, BadBy((rule,))))


def _bad_by_list(settings: Stitch, listed: pl.DataFrame | None, records: pl.DataFrame) -> pl.DataFrame:
    return _numbered(records, bad_values(records, replace(BadBy.of(settings, listed), rules=())))


def _numbered(records: pl.DataFrame, bad: pl.DataFrame) -> pl.DataFrame:
    """Give BAD of the bad values of some records."""
    columns = {name: column_of(name) for name in bad["semantic"].unique()}
    named = bad["semantic"].replace_strict(columns, return_dtype=pl.String)
    return bad.with_columns(records[NUMBER].gather(bad["row"]), named.alias("column")).select(list(BAD))


def _without_bad(records: DataFrame, bad: DataFrame) -> DataFrame:
    """Give the records with their bad values null."""
    listed = bad.groupBy(NUMBER).agg(f.collect_set("column").alias("bad"))
    joined = records.join(listed, NUMBER, "left")
    kept = [name for name in records.columns if name not in (NUMBER, HASH, *KEYS)]
    good = {name: f.when(~f.coalesce(f.array_contains("bad", name), f.lit(False)), f.col(name)) for name in kept}
    return joined.withColumns(good).drop("bad")


def keep_people(stages: Stages, records: Numbered, settings: Stitch, labels: Labelled) -> Numbered:
    """Keep the records that stand for all (`people`), and who stands for each other one (`twins`: number, stands)."""
    stages.keep("judged", lambda: _without_bad(records.frame(NUMBER), stages.read("bad")))
    stages.keep("twins", lambda: _twins(stages.read("judged"), settings, labels, stages.parts))
    standing = Window.partitionBy(PART).orderBy(NUMBER)

    def people() -> DataFrame:
        alone = stages.read("judged").join(stages.read("twins").select(NUMBER), NUMBER, "left_anti")
        placed = alone.withColumn(PART, (f.col(NUMBER) / ROWS_PER_PART).cast("long"))
        return placed.withColumn(AT, f.row_number().over(standing).cast("long") - 1)

    stages.keep("people", people)
    return numbered(stages, "people")


def _twins(records: DataFrame, settings: Stitch, labels: Labelled, parts: int) -> DataFrame:
    excluded = {column_of(semantic) for semantic in settings.soft_trivial_dupe_semantic_exclusions}
    alike = f.struct(*(name for name in COMPARED if name not in excluded))
    return bucketed(records, alike, parts, partial(_collapsed, settings, labels), TWINS)


def _collapsed(settings: Stitch, labels: Labelled, records: pl.DataFrame) -> pl.DataFrame:
    """Give number, stands of the records that another one stands for."""
    records = records.sort(NUMBER)
    made = collapse(
        records,
        groups=labels.of(records[NUMBER]).groups,
        exclusions=settings.soft_trivial_dupe_semantic_exclusions,
        most_values=settings.soft_trivial_dupe_size_threshold,
    )
    standing = records[NUMBER].gather(made.rows).gather(made.representative)
    return records.select(NUMBER).with_columns(standing.alias(STANDS)).filter(pl.col(NUMBER) != pl.col(STANDS))
