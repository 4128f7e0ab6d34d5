"""Which function makes which output table of a run."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import polars as pl

from cdp_assets.stitch.model_store import shares_frame
from cdp_assets.stitch.outputs.badvalues import badvalues
from cdp_assets.stitch.outputs.benchmarks import stitch_benchmarks
from cdp_assets.stitch.outputs.blocking import blocking_keys, stitch_blocks
from cdp_assets.stitch.outputs.changes import unified_changes_clusters, unified_changes_pks
from cdp_assets.stitch.outputs.examples import detailed_examples
from cdp_assets.stitch.outputs.explanations import stitch_explanations, stitch_model
from cdp_assets.stitch.outputs.records import preprocessed_raw, stitch_records
from cdp_assets.stitch.outputs.scores import stitch_scores, unified_scores
from cdp_assets.stitch.resolved import Resolved

OUTPUTS: Mapping[str, Callable[[Resolved], pl.DataFrame]] = {
    "stitch_ids": lambda run: run.assigned.ids,
    "stitch_retired_ids": lambda run: run.assigned.retired,
    "stitch_records": stitch_records,
    "unified_preprocessed_raw": preprocessed_raw,
    "stitch_spelled": lambda run: run.spelled,
    "stitch_shares": lambda run: shares_frame(run.judge.scale.model),
    "stitch_badvalues": badvalues,
    "stitch_blocking_keys": blocking_keys,
    "stitch_blocks": stitch_blocks,
    "stitch_labelled": lambda run: run.labelled,
    "stitch_benchmarks": stitch_benchmarks,
    "unified_scores": unified_scores,
    "stitch_scores": stitch_scores,
    "stitch_explanations": stitch_explanations,
    "detailed_examples": detailed_examples,
    "stitch_model": stitch_model,
    "unified_changes_clusters": unified_changes_clusters,
    "unified_changes_pks": unified_changes_pks,
}
"""Every table that Stitch writes, by its name; the catalog names the same."""


SCORES = ("unified_scores", "stitch_scores", "stitch_explanations", "detailed_examples")
"""Tables that `skip_unified_scores` leaves out."""


def output_tables(run: Resolved, wanted: Collection[str] = OUTPUTS.keys()) -> dict[str, pl.DataFrame]:
    """Give the wanted output tables of a run, in any case without those that its settings leave out."""
    skipped = SCORES if run.settings.skip_unified_scores else ()
    return {name: make(run) for name, make in OUTPUTS.items() if name in wanted and name not in skipped}
