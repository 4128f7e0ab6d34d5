"""The table of benchmarks, with the runs before."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.figures.benchmarks import benchmark_scores, with_history
from cdp_assets.stitch.outputs.records import preprocessed_raw
from cdp_assets.stitch.resolved import Resolved


def stitch_benchmarks(run: Resolved) -> pl.DataFrame:
    """Give the benchmarks of the last five runs, as `figures.benchmarks.with_history` does."""
    given = run.given
    found = benchmark_scores(preprocessed_raw(run))
    return with_history(found, given.run_id, given.at, given.previous.get("stitch_benchmarks"))
