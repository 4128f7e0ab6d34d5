"""The table of values that do not say who somebody is."""

from __future__ import annotations

import polars as pl

from cdp_assets.hashing import sha256_of
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.same_spelling import ANY_SOURCE


def blocklist_values(run: Resolved) -> pl.DataFrame:
    """Give what `blocklist_of` gives of the values that a run found bad."""
    return blocklist_of(run.judged.values)


def blocklist_of(values: pl.DataFrame) -> pl.DataFrame:
    """Give pk, datasource, domain_table, semantic, value, num_values, num_proxy, is_preprocessed of each bad value.

    Columns in: `bad_values.VALUES_SCHEMA`. pk is made of datasource, semantic and value. domain_table is the one that
    a value is bad in, NULL for all of them. Values are as they were compared, so `is_preprocessed` is true:
    the table can be fed back as it is.
    """
    made = [sha256_of(list(row)) for row in values.select("datasource", "semantic", "value").iter_rows()]
    return values.select(
        pl.Series("pk", made, dtype=pl.String),
        "datasource",
        pl.when(pl.col("datasource") != ANY_SOURCE).then(pl.col("datasource")).alias("domain_table"),
        "semantic",
        "value",
        "num_values",
        "num_proxy",
        is_preprocessed=pl.lit(True),
    )
