"""The queue of runs: which runs go on side by side, so that no sandbox keeps production waiting.

`infra/dagster.yaml` holds the limits, by two tags. A job carries its own; a run that an operator starts by hand on
some assets carries none, so that each run gets them when it is submitted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext

from cdp_assets.names import PRODUCTION

ENVIRONMENT_TAG = "cdp/env"
"""One run at a time per environment."""
LANE_TAG = "cdp/lane"
"""How many of a kind: `production`, `sandbox` (all of them together), `apply` (plan and apply)."""
APPLY_LANE = "apply"


class EnvironmentQueue(QueuedRunCoordinator[Any]):
    """Dagster's queue; every run in it says whose it is, however it was started."""

    def submit_run(self, context: SubmitRunContext) -> dg.DagsterRun:
        """Tag a run by its code location, then queue it."""
        run = context.dagster_run
        if run.remote_job_origin is not None:
            missing = tags_of(run.remote_job_origin.location_name, run.tags)
            if missing:
                self._instance.add_run_tags(run.run_id, missing)
        return super().submit_run(context)


def tags_of(location: str, tags: Mapping[str, str]) -> dict[str, str]:
    """Give the tags that a run of a code location lacks.

    >>> tags_of("sandbox__x", {})
    {'cdp/env': 'sandbox__x', 'cdp/lane': 'sandbox'}
    >>> tags_of("production", {"cdp/lane": "apply"})
    {}
    """
    if LANE_TAG in tags:
        return {}
    lane = PRODUCTION if location == PRODUCTION else "sandbox"
    return {name: value for name, value in {ENVIRONMENT_TAG: location, LANE_TAG: lane}.items() if name not in tags}
