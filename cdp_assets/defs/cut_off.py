"""Closes the books of runs whose process has died with the platform, so that their successors may start."""

from __future__ import annotations

import dagster as dg

LAUNCHED_TAG = ".dagster/grpc_info"
"""Dagster puts it on a run that it gives to a code server; a run inside `cdp demo` has none."""
UNDER_WAY = (dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING)
MESSAGE = "The platform stopped while this run was going on. Nothing of it is published."


def cut_off_runs() -> list[str]:
    """Give the runs that were going on in a code server; only while no code server of this instance runs.

    Dagster's own run monitoring does not see the workers of the default launcher. Queued runs stay queued.
    """
    with dg.DagsterInstance.get() as instance:
        runs = instance.get_runs(dg.RunsFilter(statuses=list(UNDER_WAY)))
        return [run.run_id for run in runs if LAUNCHED_TAG in run.tags]


def fail_runs(run_ids: list[str]) -> list[str]:
    """Mark runs as failed, or cancelled where that was asked for; give those that had not ended meanwhile.

    A failed one is tried again by Dagster's run retries, which need a code server.
    """
    closed = []
    with dg.DagsterInstance.get() as instance:
        for run_id in run_ids:
            run = instance.get_run_by_id(run_id)
            if run is None or run.is_finished:
                continue
            closed.append(run_id)
            if run.status == dg.DagsterRunStatus.CANCELING:
                instance.report_run_canceled(run, MESSAGE)
            else:
                instance.report_run_failed(run, MESSAGE)
    return closed
