"""Runs that died with the platform are closed; those that wait, or run elsewhere, are left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from cdp_assets.defs.cut_off import LAUNCHED_TAG, cut_off_runs, fail_runs

Status = dg.DagsterRunStatus


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """An instance with a run in every state, in a code server and in another process."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n")

    @dg.job
    def night() -> None:
        """Do nothing."""

    with dg.DagsterInstance.get() as made:
        for status in (Status.NOT_STARTED, Status.STARTING, Status.STARTED, Status.CANCELING, Status.SUCCESS):
            for tags in ({LAUNCHED_TAG: "{}"}, {}):
                made.create_run_for_job(night, status=status, tags={"began as": status.value, **tags})
        yield made


def test_only_runs_of_a_dead_code_server_are_closed(instance: dg.DagsterInstance) -> None:
    found = cut_off_runs()
    assert len(found) == 3
    assert sorted(fail_runs(found)) == sorted(found)
    statuses = {(run.tags["began as"], LAUNCHED_TAG in run.tags): run.status for run in instance.get_runs()}
    assert statuses == {
        ("NOT_STARTED", True): Status.NOT_STARTED,
        ("NOT_STARTED", False): Status.NOT_STARTED,
        ("STARTING", True): Status.FAILURE,
        ("STARTING", False): Status.STARTING,
        ("STARTED", True): Status.FAILURE,
        ("STARTED", False): Status.STARTED,
        ("CANCELING", True): Status.CANCELED,
        ("CANCELING", False): Status.CANCELING,
        ("SUCCESS", True): Status.SUCCESS,
        ("SUCCESS", False): Status.SUCCESS,
    }
    assert cut_off_runs() == []


def test_a_run_that_ended_meanwhile_keeps_its_end(instance: dg.DagsterInstance) -> None:
    found = cut_off_runs()
    started = next(run for run in instance.get_runs() if run.run_id in found and run.status == Status.STARTED)
    instance.report_run_canceled(started)
    assert started.run_id not in fail_runs(found)
    ended = instance.get_run_by_id(started.run_id)
    assert ended is not None
    assert ended.status == Status.CANCELED
