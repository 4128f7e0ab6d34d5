"""What a run of Stitch is given beside its records and settings."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

PREVIOUS = (
    "stitch_ids",
    "stitch_retired_ids",
    "stitch_spelled",
    "stitch_labelled",
    "stitch_runs",
    "stitch_benchmarks",
    "unified_changes_clusters",
    "unified_changes_pks",
)
"""The tables of the current publication that every run starts from; one that resolves the news alone needs them all."""

Pace = Literal["auto", "whole", "learn"]


@dataclass(frozen=True, eq=False)
class Given:
    """What the tenant and its earlier runs know; a first run needs the key alone.

    previous: Tables of the current publication by name, those of PREVIOUS that it holds.
    labels: The columns of `labels.LABEL_SCHEMA`: what an operator has forced together or apart.
    bad_values: datasource (`*`: any), semantic, value, is_preprocessed: what an operator calls bad.
    nicknames: canonical_name, nickname, update_type (ADD or REMOVE): how the tenant amends the common ones.
    erased: datasource, pk of records that were deleted for good; no table names one, the histories included.
    settings_changed: Whether the current publication was made with other settings, tags or code.
    pace: `learn` learns the model anew, `whole` resolves all records with the model of the publication, and `auto`
    resolves what has changed, with that model, where it can and else learns anew.
    at: The moment (UTC) that the run's rows carry; the run itself asks no clock.
    """

    key: bytes
    run_id: str = "first"
    at: dt.datetime = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    settings_changed: bool = False
    pace: Pace = "auto"
    previous: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    labels: pl.DataFrame | None = None
    bad_values: pl.DataFrame | None = None
    nicknames: pl.DataFrame | None = None
    erased: pl.DataFrame | None = None
