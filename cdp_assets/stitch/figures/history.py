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
    counts = [(pl.col(TYPE) == kind).sum().cast(pl.Int64).alias(kind) for kind in TYPES]
    return days_of_all(dated.group_by("date").agg(counts))


def days_of_all(parts: pl.DataFrame) -> pl.DataFrame:
    """Give `by_day` of all changes, of which each is in one part."""
    newest = parts.filter(pl.col("date") > pl.col("date").max() - dt.timedelta(days=DAYS))
    return newest.group_by("date").agg(pl.col(TYPES).sum()).sort("date")


def causes(changes: pl.DataFrame) -> pl.DataFrame:
    """Give cause, people: why people changed in the newest run that changed any, most first."""
    return newest_causes(by_cause(changes))


def by_cause(changes: pl.DataFrame) -> pl.DataFrame:
    """Give timestamp, cause, people of every run."""
    return changes.group_by("timestamp", cause=CAUSE).agg(people=pl.len().cast(pl.Int64))


def newest_causes(counted: pl.DataFrame) -> pl.DataFrame:
    """Give `causes` of what `by_cause` has counted."""
    newest = counted.filter(pl.col("timestamp") == pl.col("timestamp").max()).drop("timestamp")
    return newest.sort("people", "cause", descending=[True, False])
