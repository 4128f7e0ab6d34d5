"""How people changed from day to day, and why they did in the newest run."""

from __future__ import annotations

import datetime as dt

import polars as pl

from cdp_assets.stitch.changes import ADDED, CAUSE, DELETED, TYPE, UPDATED

DAYS = 90
"""As documented."""
TYPES = (ADDED, DELETED, UPDATED)


def by_day(changes: pl.DataFrame) -> pl.DataFrame:
    """Give date, added, deleted, updated: people by day, in the 90 days up to the newest change; without quiet days.

    `changes` is unified_changes_clusters.
    """
    dated = changes.select(pl.col("timestamp").dt.date().alias("date"), TYPE)
    since = pl.col("date").max() - dt.timedelta(days=DAYS)
    counts = [(pl.col(TYPE) == kind).sum().cast(pl.Int64).alias(kind) for kind in TYPES]
    return dated.filter(pl.col("date") > since).group_by("date").agg(counts).sort("date")


def causes(changes: pl.DataFrame) -> pl.DataFrame:
    """Give cause, people: why people changed in the newest run that changed any, most first."""
    newest = changes.filter(pl.col("timestamp") == pl.col("timestamp").max())
    counted = newest.group_by(pl.col(CAUSE).alias("cause")).agg(people=pl.len().cast(pl.Int64))
    return counted.sort("people", "cause", descending=[True, False])
