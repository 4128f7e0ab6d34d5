"""What a run learnt, and what it could not compare whole."""

from __future__ import annotations

from math import log2

import polars as pl

from cdp_assets.stitch.model_table import EXPECTED
from cdp_assets.stitch.repeats import REPEATS

SMALL_SOURCE = -2 * log2(100)
"""In log2, how often strangers are both in a source that has one record in a hundred."""


def weights(model: pl.DataFrame) -> pl.DataFrame:
    """Give field, label, person_percent, against_strangers, against_household: a row per field and level, in order.

    person_percent: how often two records of one person that both have the field agree so. Bits: log2 of how much
    likelier that is for one person than for two strangers, and than for two people of one household, before the value's
    rarity is counted. Sources with hardly any record are left out. `model` is stitch_model.
    """
    is_shown = (pl.col("field") != REPEATS) | (pl.col("strangers") >= SMALL_SOURCE)
    levels = model.filter(pl.col("field") != EXPECTED, is_shown).sort("place", "level")
    return levels.select(
        "field",
        "label",
        person_percent=100.0 * pl.lit(2.0).pow(pl.col("person")),
        against_strangers=pl.col("person") - pl.col("strangers"),
        against_household=pl.col("person") - pl.col("household"),
    )


def large_blocks(blocks: pl.DataFrame) -> pl.DataFrame:
    """Give strategy, blocks, largest, records, compared: which strategies had blocks that were too large.

    records: in all of these blocks together. compared: whether they were compared in parts. `blocks` is stitch_blocks.
    """
    found = (
        blocks.filter(pl.col("part").is_null())
        .group_by("strategy")
        .agg(
            blocks=pl.len().cast(pl.Int64),
            largest=pl.col("size").max(),
            records=pl.col("size").sum(),
            compared=pl.col("compared").all(),
        )
    )
    return largest_first(found)


def largest_first(blocks: pl.DataFrame) -> pl.DataFrame:
    """Give the strategies with the most records in large blocks first."""
    return blocks.sort("records", "strategy", descending=[True, False])
