"""Closes the books of runs whose process has died with the platform, so that their successors may start."""

from __future__ import annotations

import dagster as dg

LAUNCHED_TAG = ".dagster/grpc_info"
"""Dagster puts it on a run that it gives to a code server; a run inside `cdp demo` has none."""
UNDER_WAY = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
MESSAGE = "The platform stopped while this run was going on. Nothing of it is published."


def fail_cut_off_runs() -> int:
    """Mark what ran in a code server as failed, or cancelled where that was asked for; give how many there were.

    Only while no code server of this instance runs. Dagster's own run monitoring does not see the workers of
    the default launcher. Queued runs stay queued; a failed one is tried again by Dagster's run retries.
    """
    found = 0
    with dg.DagsterInstance.get() as instance:
        for run in instance.get_runs(dg.RunsFilter(statuses=list(UNDER_WAY))):
            if LAUNCHED_TAG not in run.tags:
                continue
            found += 1
            if run.status == dg.DagsterRunStatus.CANCELING:
                instance.report_run_canceled(run, MESSAGE)
            else:
                instance.report_run_failed(run, MESSAGE)
    return found
