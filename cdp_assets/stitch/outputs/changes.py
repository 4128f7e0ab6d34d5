"""The tables of what changed: Unified Changes PKS and Unified Changes Clusters, with the history that is kept."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.changes import with_history
from cdp_assets.stitch.resolved import Resolved


def unified_changes_pks(run: Resolved) -> pl.DataFrame:
    """Give every change of a record that is kept; `changes.changed_records` says what a row holds."""
    return _with_history(run, "unified_changes_pks", run.changes.records)


def unified_changes_clusters(run: Resolved) -> pl.DataFrame:
    """Give every change of a person that is kept; `changes.changed_people` says what a row holds."""
    return _with_history(run, "unified_changes_clusters", run.changes.people)


def _with_history(run: Resolved, name: str, rows: pl.DataFrame) -> pl.DataFrame:
    return with_history(rows, run.given.previous.get(name), run.given.at, run.settings.recorded_history_days)
