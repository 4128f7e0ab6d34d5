"""Finds in Spark what a day brought: records that came, went or changed, and values that are bad on account of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import partial, reduce

import polars as pl
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as f

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.bad_values import FLAGS, VALUES_SCHEMA, BadBy, bad_values, place_of, rules_about
from cdp_assets.stitch.semantic_columns import column_of
from cdp_assets.stitch.spark.frames import Schema, bucketed, mapped
from cdp_assets.stitch.spark.people import spelled
from cdp_assets.stitch.spelled import HASH, hashes

WAS, IS = "_cdp_was", "_cdp_is"
"""Columns that say, by a bit per column of FLAGS, in which a record had a bad value, and in which it has one today."""
IS_NEWS, DIFFERS = "_cdp_news", "_cdp_differs"
"""Columns that say whether a record is gone or says something else, and whether that or another value is bad."""
STOOD = ("component_id", "rep_ds", "rep_pk")
"""What the day before said of each record."""
HASHES = {**dict.fromkeys(KEYS, pl.String), HASH: pl.Int64}
BAD_IN = "bad_in"
JUDGED: Schema = {
    **dict.fromkeys(KEYS, pl.String), "column": pl.String, BAD_IN: pl.String,
    **{name: VALUES_SCHEMA[name] for name in ("semantic", "value", "num_values", "num_proxy")},
}  # fmt: skip
"""Who holds a value that the news hold; from BAD_IN (the datasource, `*`: any) on null where it is not bad."""


@dataclass(frozen=True)
class Known:
    """The run before, as frames of its tables by name."""

    tables: Mapping[str, Make]

    def read(self, name: str) -> DataFrame:
        """Give a table. Belongs inside `keep` or `answer`."""
        return self.tables[name]()


def keep_changed(stages: Stages, records: Make, known: Make) -> int:
    """Keep `news`: datasource, pk, HASH (null where the record is gone) of what differs from the run before.

    Gives how many records that are.

    Args:
        records: Today's, as they came.
        known: stitch_spelled of the run before.
    """

    def news() -> DataFrame:
        now = mapped(records(), hashes, HASHES)
        was = known().select(*KEYS, f.col(HASH).alias("was"))
        return now.join(was, KEYS, "full").where(~f.col(HASH).eqNullSafe(f.col("was"))).select(*KEYS, HASH)

    stages.keep("news", news)
    return int(stages.answer(lambda: stages.read("news").agg(f.count("*").alias("news")))["news"][0].as_py())


def judged_columns(settings: Stitch, listed: pl.DataFrame | None) -> list[str]:
    """Give the columns whose values may be bad."""
    by = BadBy.of(settings, listed)
    semantics = {rule.semantic for rule in by.rules} | set(by.listed()["semantic"])
    return sorted(column_of(semantic) for semantic in semantics)


def keep_known(stages: Stages, records: Make, known: Known, settings: Stitch, listed: pl.DataFrame | None) -> None:
    """Keep what is known of both days.

    fresh: The records that came or say something else, spelled, with IS. known: Those of the day before, spelled, with
    ID, STOOD, WAS, IS, IS_NEWS and DIFFERS. touched: column, value of what the news hold, and held. judged: JUDGED.
    """
    columns = judged_columns(settings, listed)
    _keep_spelled(stages, records, settings.pre_processing_profiles)
    stages.keep("touched", lambda: _touched(stages, known, columns))
    stages.keep("judged", lambda: _judged(stages, known, columns, BadBy.of(settings, listed)))
    stages.keep("known", lambda: _known(stages, known))


def _keep_spelled(stages: Stages, records: Make, profiles: Collection[str]) -> None:
    kernel = partial(spelled, profiles)
    schema: Schema = dict(kernel(pl.DataFrame(stages.answer(lambda: records().limit(0)))).schema)

    def fresh() -> DataFrame:
        news = stages.read("news").where(f.col(HASH).isNotNull()).select(*KEYS)
        return mapped(records().join(news, KEYS, "left_semi"), kernel, schema)

    stages.keep("spelled", fresh)


def spelled_today(stages: Stages, known: Known) -> DataFrame:
    """Give the table stitch_spelled of today."""
    rest = known.read("stitch_spelled").join(stages.read("news"), KEYS, "left_anti")
    fresh = stages.read("spelled")
    return rest.select(*fresh.columns).union(fresh)


def _touched(stages: Stages, known: Known, columns: Collection[str]) -> DataFrame:
    was = known.read("stitch_spelled").join(stages.read("news"), KEYS, "left_semi")
    return _values(was, columns).union(_values(stages.read("spelled"), columns)).distinct()


def _values(records: DataFrame, columns: Collection[str], *others: str) -> DataFrame:
    """Give column, value of each value in some columns, and others beside."""
    each = [f.struct(f.lit(name).alias("column"), f.col(name).alias("value")) for name in columns]
    listed = f.array(*each).cast("array<struct<column:string,value:string>>")
    return records.select(f.explode(listed).alias("one"), *others).select("one.*", *others).where("value IS NOT NULL")


def _judged(stages: Stages, known: Known, columns: Collection[str], by: BadBy) -> DataFrame:
    """Judge the values that the news hold, or held, with everybody who holds them today."""
    today = spelled_today(stages, known)
    rules = rules_about(by.rules, today.columns)
    places = (name for column in columns for name in place_of(column))
    needed = dict.fromkeys((*places, *(column_of(rule.proxy) for rule in rules)))
    held = _values(today, columns, *KEYS, *needed)
    theirs = held.join(stages.read("touched"), ["column", "value"], "left_semi")
    return bucketed(theirs, f.struct("column", "value"), stages.parts, partial(_judge, by), JUDGED)


def _judge(by: BadBy, rows: pl.DataFrame) -> pl.DataFrame:
    """Give JUDGED of some rows, which hold whole values of each column."""
    found = [pl.DataFrame(schema=JUDGED)]
    for (column,), some in rows.partition_by("column", as_dict=True).items():
        own = pl.col("semantic").str.replace_all("-", "_") == column
        bad = bad_values(some.drop("column", "value"), by).filter(own).rename({"datasource": BAD_IN})
        numbered = some.select(*KEYS, "column").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
        found.append(numbered.join(bad, on="row", how="left").select(list(JUDGED)))
    return pl.concat(found)


def _known(stages: Stages, known: Known) -> DataFrame:
    flags, ids = known.read("stitch_records"), known.read("stitch_ids").select(*KEYS, ID)
    stood = flags.select(*KEYS, *STOOD, _mask(f.col(f"blv_{name}") for name in FLAGS).alias(WAS))
    gone_or_other = stages.read("news").select(*KEYS, f.lit(True).alias(IS_NEWS))
    joined = known.read("stitch_spelled").join(stood, KEYS).join(ids, KEYS)
    marked = joined.join(_marks(stages), KEYS, "left").join(gone_or_other, KEYS, "left")
    today = f.coalesce(f.col(WAS).bitwiseAND(f.bitwise_not("looked")).bitwiseOR(f.col("bad")), WAS)
    found = marked.withColumns({IS: today, IS_NEWS: f.coalesce(IS_NEWS, f.lit(False))}).drop("looked", "bad")
    return found.withColumn(DIFFERS, f.col(IS_NEWS) | (f.col(WAS) != f.col(IS)))


def fresh(stages: Stages) -> DataFrame:
    """Give the records that came or say something else, spelled, with IS."""
    joined = stages.read("spelled").join(_marks(stages), KEYS, "left")
    return joined.withColumn(IS, f.coalesce("bad", f.lit(0))).drop("looked", "bad")


def _marks(stages: Stages) -> DataFrame:
    """Give in which columns each holder of a value that the news hold was looked at, and in which it is bad."""
    judged = stages.read("judged")
    looked = [f.bool_or(f.col("column") == name) for name in FLAGS]
    bad = [f.bool_or((f.col("column") == name) & f.col("semantic").isNotNull()) for name in FLAGS]
    return judged.groupBy(*KEYS).agg(_mask(looked).alias("looked"), _mask(bad).alias("bad"))


def _mask(flags: Iterable[Column]) -> Column:
    """Give a number with a bit per column of FLAGS."""
    bits = [f.when(flag, f.lit(1 << place)).otherwise(f.lit(0)) for place, flag in enumerate(flags)]
    return reduce(lambda one, other: one.bitwiseOR(other), bits)


def values_today(stages: Stages, known: Known) -> pl.DataFrame:
    """Give VALUES_SCHEMA of the values that are bad today: they are few, and come here."""
    by = ("datasource", "semantic", "value")

    def steady() -> DataFrame:
        named = known.read("stitch_badvalues").withColumn("column", f.regexp_replace("semantic", "-", "_"))
        return named.join(stages.read("touched"), ["column", "value"], "left_anti").select(*VALUES_SCHEMA)

    def judged() -> DataFrame:
        bad = stages.read("judged").where(f.col("semantic").isNotNull())
        named = bad.select(*KEYS, f.col(BAD_IN), *by[1:], "num_proxy").toDF("source", "pk", *by, "num_proxy")
        counted = f.countDistinct("source", "pk").alias("num_values"), f.max("num_proxy").alias("num_proxy")
        return named.groupBy(*by).agg(*counted).select(*VALUES_SCHEMA)

    return pl.DataFrame(stages.answer(lambda: steady().union(judged()))).cast(pl.Schema(VALUES_SCHEMA)).sort(by)
