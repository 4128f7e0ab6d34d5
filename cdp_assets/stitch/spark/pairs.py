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
from cdp_assets.stitch.block import MOST_PER_BLOCK, Key, Large, Parts, keys_of, pairs_within
from cdp_assets.stitch.column import Ints
from cdp_assets.stitch.spark.frames import mapped
from cdp_assets.stitch.spark.numbered import ROW, Numbered

PAIR = "pair"
KEYS = {"strategy": pl.Int32, "block": pl.Int64, ROW: pl.Int64}
PAIRS = {PAIR: pl.Int64}
MOST_PARTS = 100
"""A key of a further part has its strategy's number times this, and its own from 1."""


@dataclass(frozen=True)
class Blocking:
    """What a worker needs to know to make keys and pairs."""

    settings: Stitch
    size: int
    """How many people there are: a pair is spelled as left * size + right."""


def keep_pairs(stages: Stages, people: Numbered, settings: Stitch) -> None:
    """Keep a stage `pair`: every candidate pair once; and `large`: strategy, block, size of what is not compared whole.

    The same pairs as `block.candidate_pairs`, by the same keys.
    """
    blocking = Blocking(settings, max(people.size, 1))
    stages.keep("keys", lambda: mapped(people.frame(ROW), partial(_keys, blocking), KEYS))
    stages.keep("large", lambda: _sizes(stages.read("keys")).where(f.col("size") > MOST_PER_BLOCK))
    stages.keep("narrow_keys", lambda: _narrowed(stages, people, blocking))

    def pairs() -> DataFrame:
        whole = stages.read("keys").join(stages.read("large"), ["strategy", "block"], "left_anti")
        blocks = whole.unionByName(stages.read("narrow_keys")).groupBy("strategy", "block")
        listed = blocks.agg(f.collect_list(ROW).alias("rows")).where(f.size("rows") > 1)
        return mapped(listed.select("rows"), partial(_pairs, blocking), PAIRS).distinct()

    stages.keep("pairs", pairs)
    for name in ("keys", "narrow_keys"):
        stages.drop(name)


def _sizes(keys: DataFrame) -> DataFrame:
    return keys.groupBy("strategy", "block").agg(f.count("*").alias("size"))


def _narrowed(stages: Stages, people: Numbered, blocking: Blocking) -> DataFrame:
    """Give the keys with a further part of records in blocks that are too large, where they make smaller blocks."""
    large = stages.read("keys").join(stages.read("large"), ["strategy", "block"], "left_semi")
    keys = mapped(large.join(people.frame(ROW), ROW), partial(_narrow_keys, blocking), KEYS)
    small = _sizes(keys).where(f.col("size").between(2, MOST_PER_BLOCK)).select("strategy", "block")
    return keys.join(small, ["strategy", "block"], "left_semi")


def _keys(blocking: Blocking, people: pl.DataFrame) -> pl.DataFrame:
    """Give strategy, block, row of every key of every record."""
    keys = keys_of(Parts(people), blocking.settings)
    return _listed({place * MOST_PARTS: key for place, (_, key, _) in enumerate(keys)}, people[ROW])


def _narrow_keys(blocking: Blocking, people: pl.DataFrame) -> pl.DataFrame:
    """Give strategy, block, row of the keys with a further part."""
    found = [pl.DataFrame(schema=KEYS)]
    for place, (_, _, narrower) in enumerate(keys_of(Parts(people.clear()), blocking.settings)):
        members = people.filter(pl.col("strategy") == place * MOST_PARTS)
        parts = Parts(members)
        large = Large(np.arange(members.height, dtype=np.int32), members["block"].reinterpret(signed=False).to_numpy())
        keys = {place * MOST_PARTS + turn: large.narrowed(parts[part]) for turn, part in enumerate(narrower, start=1)}
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


def _pairs(blocking: Blocking, blocks: pl.DataFrame) -> pl.DataFrame:
    """Give the pairs of blocks; those of a pair that several blocks of one batch hold are given once."""
    sizes, rows = blocks["rows"].list.len(), blocks["rows"]
    of_size: dict[int, Ints] = {
        size: rows.filter(sizes == size).explode().to_numpy().reshape(-1, size) for size in sizes.unique().to_list()
    }
    return pl.DataFrame({PAIR: np.unique(pairs_within(of_size, blocking.size))}, schema=PAIRS)
