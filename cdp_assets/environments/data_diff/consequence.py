"""What a promotion would do to the data that production's readers use, for its plan."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cdp_assets.environments.data_diff.compare import compare
from cdp_assets.environments.data_diff.model import DataConsequence
from cdp_assets.environments.data_diff.options import Options
from cdp_assets.environments.data_diff.words import unbuilt
from cdp_assets.environments.runs import latest_publication
from cdp_assets.names import PRODUCTION, sandbox_environment
from cdp_assets.state.database import State

IN_A_PLAN = Options(sample_above=200_000, large_counted=True, examples=3, rows_shown=False, shared_stay=True)
"""Counts of rows and the strongest examples of people; less is read than by `cdp diff`, so that a plan is quick."""
NOBODY_READS = "production has published nothing yet, so there is no data that would change"


def data_consequence(
    state: State,
    lake: Path,
    sandbox: str,
    *,
    options: Options = IN_A_PLAN,
    progress: Callable[[str], None] = lambda _: None,
) -> DataConsequence:
    """Compare what a sandbox has published with production, or say why that tells nothing yet.

    The same two publications give the same answer, and no personal value is in it: a plan holds it.
    """
    if latest_publication(state, PRODUCTION) is None:
        return DataConsequence(unknown=NOBODY_READS)
    if latest_publication(state, sandbox_environment(sandbox)) is None:
        return DataConsequence(unknown=f"the sandbox has built nothing yet: ./cdp run --sandbox {sandbox} refresh")
    found = compare(state, lake, sandbox, options, progress=progress)
    if found.unbuilt:
        return DataConsequence(unknown=unbuilt(sandbox, found.unbuilt))
    return DataConsequence(found)
