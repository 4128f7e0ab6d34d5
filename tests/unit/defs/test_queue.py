"""Which runs Dagster's queue lets go, with the settings that the platform gives it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, DagsterEventType
from dagster._core.remote_origin import GrpcServerCodeLocationOrigin, RemoteJobOrigin, RemoteRepositoryOrigin
from dagster._core.run_coordinator import SubmitRunContext
from dagster._daemon.auto_run_reexecution.auto_run_reexecution import filter_runs_to_should_retry
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon

from cdp_assets.defs.engine import prepare
from cdp_assets.defs.plan_apply import plan_apply_jobs
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION


@dg.asset
def table() -> None:
    """Do nothing."""


DEFINITIONS = dg.Definitions([table], jobs=[dg.define_asset_job("full", [table], tags={"cdp/env": "sandbox__a"})])
BY_HAND, FULL = "__ASSET_JOB", "full"
CONFIG = {"apply": {"ops": {"apply_plan": {"config": {"plan_id": "0"}}}}}


class Queue:
    """Dagster's instance, coordinator and dequeuing, without the code servers that runs would go to."""

    def __init__(self, home: Home) -> None:
        prepare(home)
        self.instance = dg.DagsterInstance.from_config(str(home.dagster))
        self._jobs = {one: DEFINITIONS.resolve_job_def(one) for one in (BY_HAND, FULL)}
        self._jobs |= {one.name: one for one in plan_apply_jobs(home)}

    def submit(self, environment: str, job: str = BY_HAND) -> dg.DagsterRun:
        """Queue a run of a code location, as the webserver does."""
        location = GrpcServerCodeLocationOrigin(host="localhost", port=1, location_name=environment)
        origin = RemoteJobOrigin(RemoteRepositoryOrigin(location, "__repository__"), job)
        made = self._jobs[job]
        config = CONFIG.get(job, {})
        run = self.instance.create_run_for_job(made, run_config=config, tags=made.run_tags, remote_job_origin=origin)
        return self.instance.run_coordinator.submit_run(SubmitRunContext(run, workspace=None))  # type: ignore[arg-type]

    def let_go(self) -> list[str]:
        """Begin what may begin; give the environment of each such run, or the job's name where it has none."""
        with QueuedRunCoordinatorDaemon(interval_seconds=1) as daemon:
            runs = daemon._get_runs_to_dequeue(self.instance, self.instance.get_concurrency_config(), None)
        for run in runs:
            began = DagsterEvent(DagsterEventType.RUN_START.value, run.job_name)
            self.instance.report_dagster_event(began, run_id=run.run_id)
        return sorted(run.tags.get("cdp/env", run.job_name) for run in runs)


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    """An empty queue."""
    made = Queue(Home(tmp_path))
    with made.instance:
        yield made


def test_production_has_its_place_however_many_sandboxes_are_busy(queue: Queue) -> None:
    """Also when an operator starts every run by hand, and plans and applies go on."""
    for name in "abcd":
        queue.submit(f"sandbox__{name}")
    for _ in range(3):
        queue.submit(PRODUCTION, "apply")
    assert queue.let_go() == ["apply", "apply", "sandbox__a", "sandbox__b"]
    queue.submit(PRODUCTION)
    assert queue.let_go() == [PRODUCTION]
    assert queue.let_go() == []


@pytest.mark.parametrize("job", [BY_HAND, FULL])
def test_of_two_runs_of_an_environment_one_waits(queue: Queue, job: str) -> None:
    queue.submit("sandbox__a", job)
    queue.submit("sandbox__a")
    assert queue.let_go() == ["sandbox__a"]
    assert queue.let_go() == []


def test_a_build_does_not_wait_for_the_apply_that_waits_for_it(queue: Queue) -> None:
    """The build is a run of production beside the apply's: the apply is no run of production to the queue."""
    queue.submit(PRODUCTION, "apply")
    queue.submit(PRODUCTION)
    assert queue.let_go() == ["apply", PRODUCTION]


def test_an_apply_that_failed_is_not_tried_again_by_itself(queue: Queue) -> None:
    runs = [queue.submit(PRODUCTION, "apply"), queue.submit(PRODUCTION)]
    queue.let_go()
    for run in runs:
        queue.instance.report_run_failed(run)
    ended = [found for run in runs if (found := queue.instance.get_run_by_id(run.run_id)) is not None]
    assert [run.job_name for run in filter_runs_to_should_retry(ended, queue.instance)] == [BY_HAND]
