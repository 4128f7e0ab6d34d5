"""Finds the records that hold a value which somebody wrote down: a label's, or one of a list of bad values."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.stitch.semantic_columns import READ_FROM
from cdp_assets.stitch.slots import near

KEYS = ("datasource", "pk")
ANY_SOURCE = "*"
AS_THEY_ARE = ("pk", "datasource")
"""Columns whose values are never respelled."""


def as_compared(column: str, values: pl.Series, profiles: Collection[str]) -> pl.Series:
    """Give written values as a normalised column spells them; null where one says nothing."""
    if column in AS_THEY_ARE or values.is_empty():
        return values.cast(pl.String)
    order = [f"{place:09d}" for place in range(len(values))]
    asked = pl.DataFrame({"datasource": [""] * len(values), "pk": order, READ_FROM.get(column, column): values})
    return normalised(asked, profiles)[column]


def rows_holding(asked: pl.DataFrame, column: str, records: pl.DataFrame) -> pl.DataFrame:
    """Give the asked rows once per record that holds their value, with its number as `row`.

    Args:
        asked: datasource (`*`: any), value, and what is to come along.
        column: The column of `records` that the value is one of.
        records: Normalised records.
    """
    held = records.select("datasource", held=pl.col(column)).with_row_index("row")
    held = held.filter(near(held["held"], asked["value"]))
    held = held.select(pl.col("row").cast(pl.Int64), "datasource", "held").drop_nulls("held")
    anywhere = pl.col("datasource") == ANY_SOURCE
    parts = [
        asked.filter(anywhere).join(held.drop("datasource"), left_on="value", right_on="held", maintain_order="left"),
        asked.filter(~anywhere).join(
            held, left_on=["datasource", "value"], right_on=["datasource", "held"], maintain_order="left"
        ),
    ]
    return pl.concat(parts)
