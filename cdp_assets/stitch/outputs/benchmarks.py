"""The table of benchmarks, with the runs before."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.figures.benchmarks import benchmark_scores, with_history
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.outputs.records import preprocessed_raw
from cdp_assets.stitch.resolved import Resolved


def stitch_benchmarks(run: Resolved) -> pl.DataFrame:
    """Give the benchmarks of the last five runs, as `figures.benchmarks.with_history` does."""
    return benchmarks_of(preprocessed_raw(run), run.given)


def benchmarks_of(compared: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Give the benchmarks of unified_preprocessed_raw, with those of the runs before."""
    return benchmarks_since(benchmark_scores(compared), given)


def benchmarks_since(found: pl.DataFrame, given: Given) -> pl.DataFrame:
    """Give scores with those of the runs before."""
    return with_history(found, given.run_id, given.at, given.previous.get("stitch_benchmarks"))
