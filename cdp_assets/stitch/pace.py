"""Decides whether a run resolves a day's news alone, and says why where it resolves everything."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.arrow import MOMENT
from cdp_assets.stitch.given import Given

NEWS, WHOLE, LEARN = "news", "whole", "learn"
STATE = (
    "stitch_ids",
    "stitch_retired_ids",
    "stitch_records",
    "stitch_spelled",
    "stitch_model",
    "stitch_shares",
    "stitch_blocks",
    "stitch_blocking_keys",
    "stitch_labelled",
    "stitch_runs",
    "unified_preprocessed_raw",
)
"""What a run must know of the one before to resolve the news alone."""
SCORES = ("stitch_explanations", "stitch_scores", "unified_scores")
"""What it must know besides, unless scores are skipped."""
RUNS_SCHEMA: dict[str, pl.DataType] = {
    "job_id": pl.String(),
    "timestamp": MOMENT,
    "pace": pl.String(),
    "why": pl.String(),
    "records": pl.Int64(),
    "news": pl.Int64(),
    "_cdp_lists": pl.Int64(),
}


@dataclass(frozen=True)
class Chosen:
    """How a run resolves: `news` those alone, `whole` everything with the model of before, `learn` everything anew.

    news: How many records are new, gone or say something else.
    """

    pace: str
    why: str
    news: int


def chosen_pace(
    settings: Stitch, given: Given, records: int, news: int, there: Collection[str] | None = None
) -> Chosen:
    """Give how to resolve so many records, of which so many are new, gone or say something else.

    Args:
        there: The tables that the run before left, where some are not `given`.
    """
    if given.pace != "auto":
        return Chosen(given.pace, "asked for", news)
    why = _why_not(settings, given, given.previous if there is None else there, records, news)
    return Chosen(LEARN, why, news) if why else Chosen(NEWS, "little has changed", news)


def may_be_news(settings: Stitch, given: Given) -> bool:
    """Say whether the news are resolved alone where there are enough records and few news."""
    return chosen_pace(settings, given, settings.incremental_above_records, 0).pace == NEWS


def runs_frame(chosen: Chosen, given: Given, records: int, days: int) -> pl.DataFrame:
    """Give how the runs of the last `days`, and the one that learnt the model, have resolved; then how this one does.

    A run of the very same records, settings, labels and lists is not worth a row, unless it learns the model of records
    that have changed since it was learnt.
    """
    previous = given.previous.get("stitch_runs", pl.DataFrame(schema=RUNS_SCHEMA)).select(list(RUNS_SCHEMA))
    if previous.height and not given.settings_changed and not chosen.news:
        last = previous.sort("timestamp").row(-1, named=True)
        if last["_cdp_lists"] == _lists(given) and (chosen.pace != LEARN or last["pace"] == LEARN):
            return previous
    row = (given.run_id, given.at, chosen.pace, chosen.why, records, chosen.news, _lists(given))
    learnt = pl.col("timestamp").filter(pl.col("pace") == LEARN).max()
    kept = (pl.col("timestamp") > given.at - dt.timedelta(days=days)) | (pl.col("timestamp") == learnt)
    return pl.concat([previous.filter(kept), pl.DataFrame([row], schema=RUNS_SCHEMA, orient="row")])


def _why_not(settings: Stitch, given: Given, there: Collection[str], records: int, news: int) -> str:
    """Say why the news alone are not enough; nothing where they are."""
    if given.settings_changed:
        return "the settings, a feed's tags or Stitch itself changed"
    needed = STATE if settings.skip_unified_scores else (*STATE, *SCORES)
    if missing := [name for name in needed if name not in there]:
        return f"the run before left no {missing[0]}"
    if settings.force_run:
        return "a forced run"
    if records < settings.incremental_above_records:
        return "a whole run of so few records takes no longer"
    if settings.disable_stable_ids:
        return "without stable ids everybody is named anew"
    if settings.enable_staple:
        return "staples look at everybody who shares a value"
    return _why_stale(settings, given, records, news)


def _why_stale(settings: Stitch, given: Given, records: int, news: int) -> str:
    """Say why the model of before is too old."""
    runs = given.previous["stitch_runs"].sort("timestamp")
    learnt = runs.filter(pace=LEARN)
    if learnt.is_empty():
        return "no run is known to have learnt the model"
    if runs["_cdp_lists"][-1] != _lists(given):
        return "labels or the lists of bad values or nicknames changed"
    since = runs.filter(pl.col("timestamp") > learnt["timestamp"][-1])["news"].sum() + news
    if since * 100 > settings.relearn_when_changed_percent * max(learnt["records"][-1], 1):
        return f"{since} records have changed since the model was learnt"
    if since and given.at - learnt["timestamp"][-1] > dt.timedelta(days=settings.relearn_after_days):
        return f"the model is older than {settings.relearn_after_days} days"
    return ""


def _lists(given: Given) -> int:
    """Give a number that differs when one of the tenant's lists does."""
    tables = (given.bad_values, given.nicknames, given.labels)
    found = [frame for frame in tables if frame is not None and frame.height]
    sums = [int(frame.hash_rows(place).cast(pl.UInt64).sum()) + place for place, frame in enumerate(found, 1)]
    return sum(sums) % (1 << 62)
