"""Makes in Spark the output tables that are about all people at once, from what workers counted of theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
import polars as pl
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.block import Parts, strategies_of, text_of
from cdp_assets.stitch.block_keys import Strategy
from cdp_assets.stitch.drift import SAMPLE, family_hashes, told, weights_of_sample
from cdp_assets.stitch.figures.benchmarks import BENCHMARKS, Benchmark, scores_of
from cdp_assets.stitch.model_table import model_frame
from cdp_assets.stitch.outputs.badvalues import badvalues_of
from cdp_assets.stitch.outputs.blocking import BLOCKS_SCHEMA
from cdp_assets.stitch.outputs.examples import EXAMPLES, as_shown
from cdp_assets.stitch.outputs.scores import LEAST_SCORE, scores_frame
from cdp_assets.stitch.scored import SCORED, Scored
from cdp_assets.stitch.scores import SCORE_DIGITS, bits_of, scores
from cdp_assets.stitch.spark.evidence import BITS, DECIDED, left_of, right_of
from cdp_assets.stitch.spark.frames import Schema, mapped
from cdp_assets.stitch.spark.numbered import ROW
from cdp_assets.stitch.spark.pairs import PAIR, strategy_and_part
from cdp_assets.stitch.spark.resolve import Weighed

ENDS = ("_one", "_other")
SAMPLED = {ROW: pl.Int64, "family": pl.Int64}
TEXTS = {"strategy": pl.Int32, "block": pl.Int64, ROW: pl.Int64, "bk": pl.String}
SIGN = np.uint64(1 << 63)
Named: TypeAlias = Mapping[int, tuple[str, Strategy, str | None]]
"""The number of a strategy's keys -> its name, the strategy, and the further part of the key, if there is one."""


def shared_keys(keys: DataFrame) -> DataFrame:
    """Give the blocking keys that two people have, or more."""
    holders = f.count("*").over(Window.partitionBy("strategy", "bk"))
    return keys.withColumn("holders", holders).where(f.col("holders") > 1).drop("holders")


def badvalues(stages: Stages, schema: Schema) -> DataFrame:
    """Give stitch_badvalues."""
    by = ("datasource", "semantic", "value")
    counted = (f.countDistinct("number").alias("num_values"), f.max("num_proxy").alias("num_proxy"))
    return mapped(stages.read("bad").groupBy(*by).agg(*counted), badvalues_of, schema)


def large_strategies(stages: Stages) -> frozenset[int]:
    """Give the numbers of the strategies that have blocks which are too large, and of their further parts."""
    found = stages.answer(lambda: stages.read("large").select("strategy").distinct())
    return frozenset(found["strategy"].to_pylist())


def blocks(stages: Stages, weighed: Weighed, asked: frozenset[int]) -> DataFrame:
    """Give stitch_blocks, which are of the strategies `asked`."""
    people = weighed.people.frame(ROW)
    named = _named(people.columns, asked, weighed.comparison.settings)
    texts = mapped(people, partial(_texts, named), TEXTS)
    found = texts.join(f.broadcast(stages.read("large")), ["strategy", "block"])
    first = found.groupBy("strategy", "block", "size").agg(f.min_by("bk", ROW).alias("bk"))
    return mapped(first, partial(_blocks, named), BLOCKS_SCHEMA)


def _named(columns: Sequence[str], asked: frozenset[int], settings: Stitch) -> Named:
    """Give each number's strategy, its name, and the further part of its key, if there is one."""
    nobody = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    strategies, found = list(strategies_of(Parts(nobody), settings)), {}
    for number in sorted(asked):
        place, part = strategy_and_part(number)
        name, strategy = strategies[place]
        found[number] = name, strategy, strategy.narrower[part - 1] if part else None
    return found


def _texts(named: Named, people: pl.DataFrame) -> pl.DataFrame:
    """Give strategy, block, row, bk of everybody who has a key of one of the strategies."""
    parts, found = Parts(people), [pl.DataFrame(schema=TEXTS)]
    for number, (_, strategy, part) in named.items():
        names = [*strategy.parts, *([] if part is None else [part])]
        key, texts = parts.key(names), people.select(ROW, text_of(names).alias("bk"))
        spelled = texts.with_columns(
            pl.lit(number, pl.Int32).alias("strategy"), pl.Series("block", key.hashes).reinterpret(signed=True)
        )
        found.append(spelled.filter(pl.Series(key.known)).select(list(TEXTS)))
    return pl.concat(found)


def _blocks(named: Named, found: pl.DataFrame) -> pl.DataFrame:
    rows = [(name, part, part is None and bool(strategy.narrower)) for name, strategy, part in named.values()]
    told = pl.DataFrame(
        rows, schema={name: BLOCKS_SCHEMA[name] for name in ("strategy", "part", "compared")}, orient="row"
    )
    numbered = told.with_columns(pl.Series("number", list(named), dtype=pl.Int32))
    joined = found.rename({"strategy": "number"}).join(numbered, on="number")
    return joined.with_columns(pl.col("block").reinterpret(signed=False).cast(pl.String)).select(list(BLOCKS_SCHEMA))


def both_scores(stages: Stages, weighed: Weighed, ids: Make, within: Make, schema: Schema) -> DataFrame:
    """Give stitch_scores: unified_scores (`within`), and the moderate pairs of two people."""
    twice = within().withColumnsRenamed({ID: f"{ID}1"}).withColumn(f"{ID}2", f.col(f"{ID}1"))
    return twice.select(*schema).union(_between(stages, weighed, ids(), schema))


def _between(stages: Stages, weighed: Weighed, ids: DataFrame, schema: Schema) -> DataFrame:
    size = weighed.comparison.outline.size
    people = weighed.people.frame(ROW).select(ROW, *KEYS).join(ids, KEYS)
    good = stages.read("scored").where(f.col(BITS) >= bits_of(LEAST_SCORE))
    found = good.withColumns({f"{ROW}{ENDS[0]}": left_of(PAIR, size), f"{ROW}{ENDS[1]}": right_of(PAIR, size)})
    for end in ENDS:
        found = found.join(
            people.withColumnsRenamed({name: f"{name}{end}" for name in (ROW, *KEYS, ID)}), f"{ROW}{end}"
        )
    return mapped(found.where(f.col(f"{ID}{ENDS[0]}") != f.col(f"{ID}{ENDS[1]}")), _scored_pairs, schema)


def _scored_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    ends = [pairs.select(pl.col(f"{name}{end}").alias(name) for name in (*KEYS, ID)) for end in ENDS]
    decided = pairs[DECIDED].to_numpy()
    found = np.round(scores(pairs[BITS].to_numpy(), decided > 0, decided < 0), SCORE_DIGITS)
    kind = pl.repeat(SCORED, pairs.height, eager=True, dtype=pl.String)
    one = np.arange(pairs.height)
    return scores_frame(pl.concat(ends), Scored(one, one + pairs.height, found, kind))


def examples(stages: Stages, cases: Make) -> pl.DataFrame:
    """Give detailed_examples of the cases that workers counted; of each the first pair is shown."""
    return as_shown(pl.DataFrame(stages.answer(lambda: _commonest(cases()))))


def _commonest(cases: DataFrame) -> DataFrame:
    shown = [name for name in cases.columns if name not in ("category", "case", "case_count")]
    first = f.min_by(f.struct(*shown), f.struct(*(f"{key}_{side}" for side in "ab" for key in KEYS)))
    counted = cases.groupBy("category", "case").agg(f.sum("case_count").alias("case_count"), first.alias("first"))
    of_category = Window.partitionBy("category")
    place = f.row_number().over(of_category.orderBy(f.desc("case_count"), "case")).alias("place")
    every = f.sum("case_count").over(of_category).alias("score_count")
    ranked = counted.select("category", "case", "case_count", every, "first.*", place)
    return ranked.where(f.col("place") <= EXAMPLES).orderBy(f.desc("category"), "place").drop("place")


def benchmarks(stages: Stages, preprocessed: Make) -> pl.DataFrame:
    """Give what `figures.benchmarks.benchmark_scores` gives of unified_preprocessed_raw."""
    return scores_of({name: _counts(stages, preprocessed, one) for name, one in BENCHMARKS.items()})


def _counts(stages: Stages, people: Make, benchmark: Benchmark) -> tuple[int, int]:
    def known() -> DataFrame:
        return people().dropna(subset=benchmark.known) if benchmark.known else people()

    return benchmark.part_and_whole(*_with_more(stages, known, *benchmark.grouped, benchmark.limit))


def _with_more(stages: Stages, frame: Make, by: list[str], value: str, limit: int) -> tuple[int, int]:
    """Count the groups with more different values than the limit, and all."""

    def counted() -> DataFrame:
        values = frame().groupBy(*by).agg(f.countDistinct(value).alias("values"))
        return values.agg(f.count_if(f.col("values") > limit).alias("more"), f.count("*").alias("groups"))

    [row] = stages.answer(counted).to_pylist()
    return int(row["more"]), int(row["groups"])


def model_table(stages: Stages, weighed: Weighed) -> pl.DataFrame:
    """Give stitch_model; the sample that a day's news are held against comes here, 10,000 people at most."""
    model, comparison = weighed.model, weighed.comparison
    if weighed.everything.size < comparison.settings.incremental_above_records:
        return told(model_frame(model), None)

    def sample() -> DataFrame:
        people = weighed.people.frame(ROW)
        return people.join(mapped(people, _families, SAMPLED).orderBy("family", ROW).limit(SAMPLE), ROW)

    people = pl.DataFrame(stages.answer(sample)).sort(ROW)
    return told(model_frame(model), weights_of_sample(people, model, comparison.settings, comparison.outline.nicknames))


def _families(people: pl.DataFrame) -> pl.DataFrame:
    return people.select(ROW).with_columns(families(people))


def families(people: pl.DataFrame) -> pl.Series:
    """Give `family`, by which a sample is drawn: a hash, as a number of the same order."""
    hashes = family_hashes(people) ^ SIGN
    return pl.Series("family", hashes).reinterpret(signed=True)
