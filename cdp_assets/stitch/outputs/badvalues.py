"""The table of values that do not say who somebody is."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.same_spelling import ANY_SOURCE


def badvalues(run: Resolved) -> pl.DataFrame:
    """Give what `badvalues_of` gives of the values that a run found bad."""
    return badvalues_of(run.judged.values)


def badvalues_of(values: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, semantic, value, num_values, num_proxy, domain_table, is_preprocessed of each bad value.

    Columns in: `bad_values.VALUES_SCHEMA`. domain_table is the one that a value is bad in, NULL for all of them. Values
    are as they were compared, so `is_preprocessed` is true: the table can be fed back as it is.
    """
    return values.select(
        "datasource",
        "semantic",
        "value",
        "num_values",
        "num_proxy",
        pl.when(pl.col("datasource") != ANY_SOURCE).then(pl.col("datasource")).alias("domain_table"),
        is_preprocessed=pl.lit(True),
    )
