"""Compares pairs in Spark, and learns the model from how often each pattern of agreement occurs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.compare import compare
from cdp_assets.stitch.judge import Decisions, overruled
from cdp_assets.stitch.learn import learn_from, random_pairs
from cdp_assets.stitch.patterns import Patterns, patterns_of, with_doubles
from cdp_assets.stitch.spark.frames import mapped
from cdp_assets.stitch.spark.labelled import Labelled
from cdp_assets.stitch.spark.numbered import NUMBER, ROW
from cdp_assets.stitch.spark.outline import Outline
from cdp_assets.stitch.spark.pairs import PAIR
from cdp_assets.stitch.spark.people import STANDS
from cdp_assets.stitch.weigh import Common, Model, with_told

LEVELS, COMMON, DECIDED, BITS = "levels", "common", "decided", "bits"
COMPARED = {PAIR: pl.Int64, LEVELS: pl.Binary, COMMON: pl.Binary, DECIDED: pl.Int8}
SCORED = {PAIR: pl.Int64, BITS: pl.Float64, DECIDED: pl.Int8}
LEFT, RIGHT = "_cdp_left", "_cdp_right"


@dataclass(frozen=True)
class Comparison:
    """What a worker needs to know to compare pairs."""

    settings: Stitch
    outline: Outline
    labels: Labelled

    @property
    def fields(self) -> Sequence[str]:
        """What pairs are compared by."""
        return self.outline.fields


@dataclass(frozen=True)
class Scored:
    """The model that pairs were scored by, and how many they are."""

    model: Model
    pairs: int


def keep_scored(stages: Stages, comparison: Comparison) -> Scored:
    """Keep a stage `scored`: pair, bits (odds of one person), decided (1, -1: whatever the odds say).

    The model is learnt here from counts: how many candidate pairs, and how many taken at random, have each pattern.
    """
    outline = comparison.outline
    stages.keep("random", lambda: _random(stages, outline.size))
    random = _patterns(stages, comparison, lambda: _compared(stages, comparison, stages.read("random")))
    stages.keep("compared", lambda: _compared(stages, comparison, stages.read("pairs")))
    pairs = _patterns(stages, comparison, lambda: stages.read("compared"))
    doubles = _patterns(stages, comparison, lambda: _compared(stages, comparison, _doubles(stages, outline.size)))
    learnt = with_doubles(outline.fields, pairs, doubles)
    model = learn_from(outline.fields, learnt, random, outline.size, outline.places)
    stages.keep("scored", lambda: mapped(stages.read("compared"), partial(_score, comparison.settings, model), SCORED))
    for name in ("random", "compared", "pairs"):
        stages.drop(name)
    return Scored(model, int(pairs.counts.sum()))


def left_of(pair: str, size: int) -> Any:
    """Give the first person of a pair."""
    return f.expr(f"{pair} DIV {max(size, 1)}L")


def right_of(pair: str, size: int) -> Any:
    """Give the second person of a pair."""
    return f.col(pair) % f.lit(max(size, 1))


def _random(stages: Stages, size: int) -> DataFrame:
    """Give pairs that are drawn here, always as many, so that they are those of one process."""
    left, right = random_pairs(size)
    drawn = pa.table({PAIR: left.astype(np.int64) * size + right})
    return stages.session().createDataFrame(drawn, f"{PAIR} long")


def _doubles(stages: Stages, size: int) -> DataFrame:
    """Give the pair of each person that stands for another record with itself."""
    standing = stages.read("profiles").select(f.col(NUMBER).alias(STANDS), (f.col(ROW) * size + f.col(ROW)).alias(PAIR))
    return standing.join(stages.read("twins"), STANDS, "left_semi").select(PAIR)


def _compared(stages: Stages, comparison: Comparison, pairs: DataFrame) -> DataFrame:
    """Bring the two people of each pair together and compare them."""
    profiles, size = stages.read("profiles"), comparison.outline.size
    columns = [name for name in profiles.columns if name != ROW]
    sides = [profiles.select(f.col(ROW).alias(f"{side}_row"), f.struct(*columns).alias(side)) for side in (LEFT, RIGHT)]
    both = pairs.withColumns({f"{LEFT}_row": left_of(PAIR, size), f"{RIGHT}_row": right_of(PAIR, size)})
    joined = both.join(sides[0], f"{LEFT}_row").join(sides[1], f"{RIGHT}_row").select(PAIR, LEFT, RIGHT)
    return mapped(joined, partial(_compare, comparison), COMPARED)


def _compare(comparison: Comparison, pairs: pl.DataFrame) -> pl.DataFrame:
    people = pl.concat([pairs[side].struct.unnest() for side in (LEFT, RIGHT)])
    left = np.arange(pairs.height, dtype=np.int32)
    right = left + np.int32(pairs.height)
    encoded = comparison.outline.encoded(people)
    levels = compare(encoded, comparison.fields, left, right)
    common = Common(comparison.outline.shares(encoded, people), encoded).of(comparison.fields, levels, left, right)
    levels = with_told(comparison.fields, levels, common)
    made = {LEVELS: packed(levels), COMMON: packed(common)}
    labels = comparison.labels.of(people[NUMBER])
    decisions = Decisions(people, comparison.settings, labels, comparison.outline.nicknames)
    found = decisions.decided(left, right)
    return pairs.select(PAIR).with_columns(**made, **{DECIDED: pl.Series(found, dtype=pl.Int8)})


def _patterns(stages: Stages, comparison: Comparison, compared: Make) -> Patterns:
    """Count the patterns of pairs; there are some thousands, whatever the number of pairs."""
    counted = stages.answer(lambda: compared().groupBy(LEVELS).agg(f.count("*").cast("double").alias("pairs")))
    levels = unpacked(pl.Series(counted[LEVELS]), np.int8, len(comparison.fields))
    return patterns_of(levels, comparison.fields, counted["pairs"].to_numpy())


def _score(settings: Stitch, model: Model, compared: pl.DataFrame) -> pl.DataFrame:
    levels = unpacked(compared[LEVELS], np.int8, len(model.fields))
    common = unpacked(compared[COMMON], np.int16, len(model.fields))
    bits, _ = model.odds(model.evidence(levels, common))
    found = overruled(bits, compared[DECIDED].to_numpy(), settings)
    return compared.select(PAIR, pl.Series(BITS, found), DECIDED)


def packed(matrix: npt.NDArray[Any]) -> pl.Series:
    """Give each row of numbers as bytes.

    >>> packed(np.array([[1, 2], [3, 4]], dtype=np.int8)).to_list()
    [b'\\x01\\x02', b'\\x03\\x04']
    """
    rows = np.ascontiguousarray(matrix)
    width = rows.shape[1] * rows.itemsize
    made = pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(rows), [None, pa.py_buffer(rows.tobytes())])
    return pl.Series(made.cast(pa.binary()), dtype=pl.Binary)


def unpacked(rows: pl.Series, kind: type[np.number[Any]], width: int) -> npt.NDArray[Any]:
    """Give back what was packed."""
    return np.frombuffer(b"".join(rows.to_list()), dtype=kind).reshape(len(rows), width)
