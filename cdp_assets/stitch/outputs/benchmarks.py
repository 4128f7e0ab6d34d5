"""The table of benchmarks, with the runs before."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.carry import Since
from cdp_assets.stitch.figures.benchmarks import (
    HISTORY_SCHEMA,
    benchmark_scores,
    benchmark_scores_since,
    last_run,
    with_history,
)
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.outputs.records import preprocessed_raw
from cdp_assets.stitch.resolved import Resolved


def stitch_benchmarks(run: Resolved) -> pl.DataFrame:
    """Give the benchmarks of the last five runs, as `figures.benchmarks.with_history` does."""
    return with_those_before(benchmark_scores(preprocessed_raw(run)), run.given)


def benchmarks_since(compared: Since, given: Given) -> pl.DataFrame:
    """Give the benchmarks of a day's unified_preprocessed_raw, of which only what went or came is looked at."""
    last = last_run(given.previous.get("stitch_benchmarks", pl.DataFrame(schema=HISTORY_SCHEMA)))
    stayed = compared.rows.head(compared.rows.height - compared.came.height)
    return with_those_before(benchmark_scores_since(last, stayed, compared.gone, compared.came), given)


def with_those_before(found: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Give scores with those of the runs before."""
    return with_history(found, given.run_id, given.at, given.previous.get("stitch_benchmarks"))
