"""Finds the pairs that are worth comparing in Spark: keys per record, records per key, pairs per block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.stages import Stages
from cdp_assets.stitch.block import MOST_PER_BLOCK, Key, Large, Parts, distinct, keys_of, pairs_within
from cdp_assets.stitch.column import Ints
from cdp_assets.stitch.spark.frames import bucketed, mapped
from cdp_assets.stitch.spark.numbered import ROW, Numbered

PAIR = "pair"
KEYS = {"strategy": pl.Int32, "block": pl.Int64, ROW: pl.Int64}
PAIRS = {PAIR: pl.Int64}
BLOCKS = {**KEYS, PAIR: pl.Int64}
"""Of a block that is small enough its pairs, the rest null; of one that is too large its rows, without pairs."""
MOST_PARTS = 100
"""A key of a further part has its strategy's number times this, and its own from 1."""


@dataclass(frozen=True)
class Blocking:
    """What a worker needs to know to make keys and pairs."""

    settings: Stitch
    size: int
    """How many people there are: a pair is spelled as left * size + right."""


def keep_pairs(stages: Stages, people: Numbered, settings: Stitch) -> None:
    """Keep a stage `pairs`: every candidate pair once; and `large`: strategy, block, size of what is too large.

    The same pairs as `block.candidate_pairs`, by the same keys.
    """
    blocking, parts = Blocking(settings, max(people.size, 1)), stages.parts
    stages.keep("keys", lambda: mapped(people.frame(ROW), partial(_keys, blocking), KEYS))
    stages.keep("blocks", lambda: _blocks(stages.read("keys"), blocking, parts))
    stages.keep("narrow", lambda: _blocks(_narrowed(stages, people, blocking), blocking, parts))
    stages.keep(
        "large", lambda: _of_large(_all_blocks(stages)).groupBy("strategy", "block").agg(f.count("*").alias("size"))
    )

    def pairs() -> DataFrame:
        found = _all_blocks(stages).select(PAIR).where(f.col(PAIR).isNotNull())
        return bucketed(found, f.col(PAIR), parts, _distinct, PAIRS)

    stages.keep("pairs", pairs)
    for name in ("keys", "blocks", "narrow"):
        stages.drop(name)


def number_of(strategy: int, part: int = 0) -> int:
    """Give the number of the keys of a strategy, by its place; with the place, from 1, of a further part."""
    return strategy * MOST_PARTS + part


def strategy_and_part(number: int) -> tuple[int, int]:
    """Give the places that `number_of` was given.

    >>> strategy_and_part(number_of(3, 2))
    (3, 2)
    """
    return divmod(number, MOST_PARTS)


def _all_blocks(stages: Stages) -> DataFrame:
    """Give all blocks, and the parts of those that are too large."""
    return stages.read("blocks").union(stages.read("narrow"))


def _blocks(keys: DataFrame, blocking: Blocking, parts: int) -> DataFrame:
    """Bring the rows of each block together; give the pairs of small ones, and the rows of others."""
    return bucketed(keys, f.struct("strategy", "block"), parts, partial(_pairs, blocking), BLOCKS)


def _of_large(blocks: DataFrame) -> DataFrame:
    return blocks.where(f.col(PAIR).isNull()).drop(PAIR)


def _narrowed(stages: Stages, people: Numbered, blocking: Blocking) -> DataFrame:
    """Give the keys with a further part of records in blocks that are too large."""
    return mapped(_of_large(stages.read("blocks")).join(people.frame(ROW), ROW), partial(_narrow_keys, blocking), KEYS)


def _keys(blocking: Blocking, people: pl.DataFrame) -> pl.DataFrame:
    """Give strategy, block, row of every key of every record."""
    keys = keys_of(Parts(people), blocking.settings)
    return _listed({number_of(place): key for place, (_, key, _) in enumerate(keys)}, people[ROW])


def _narrow_keys(blocking: Blocking, people: pl.DataFrame) -> pl.DataFrame:
    """Give strategy, block, row of the keys with a further part."""
    found = [pl.DataFrame(schema=KEYS)]
    for place, (_, _, narrower) in enumerate(keys_of(Parts(people.clear()), blocking.settings)):
        members = people.filter(pl.col("strategy") == number_of(place))
        parts = Parts(members)
        large = Large(np.arange(members.height, dtype=np.int32), members["block"].reinterpret(signed=False).to_numpy())
        keys = {number_of(place, turn): large.narrowed(parts[part]) for turn, part in enumerate(narrower, start=1)}
        found.append(_listed(keys, members[ROW]))
    return pl.concat(found)


def _listed(keys: Mapping[int, Key], rows: pl.Series) -> pl.DataFrame:
    found = [pl.DataFrame(schema=KEYS)]
    for strategy, key in keys.items():
        blocks = pl.Series("block", key.hashes[key.known], dtype=pl.UInt64).reinterpret(signed=True)
        found.append(
            pl.DataFrame([blocks, rows.filter(pl.Series(key.known))]).select(
                strategy=pl.lit(strategy, dtype=pl.Int32), block="block", row=ROW
            )
        )
    return pl.concat(found)


def _pairs(blocking: Blocking, keys: pl.DataFrame) -> pl.DataFrame:
    """Give the pairs of whole blocks, each once, and the rows of those that are too large; rows of others are alone."""
    keys = keys.sort("strategy", "block")
    sizes = keys.select(size=pl.len().over("strategy", "block"))["size"]
    keys, sizes = keys.filter(sizes > 1), sizes.filter(sizes > 1)
    large = keys.filter(sizes > MOST_PER_BLOCK).with_columns(pl.lit(None, pl.Int64).alias(PAIR))
    of_size: dict[int, Ints] = {
        size: keys[ROW].filter(sizes == size).to_numpy().reshape(-1, size)
        for size in sizes.filter(sizes <= MOST_PER_BLOCK).unique().to_list()
    }
    found = pl.DataFrame({PAIR: distinct([pairs_within(of_size, blocking.size)])}, schema=PAIRS)
    return pl.concat([large.select(list(BLOCKS)), found], how="diagonal").select(list(BLOCKS))


def _distinct(pairs: pl.DataFrame) -> pl.DataFrame:
    return pl.DataFrame({PAIR: distinct([pairs[PAIR].to_numpy()])}, schema=PAIRS)
