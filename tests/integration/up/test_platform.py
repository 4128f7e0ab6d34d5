"""`cdp up` for real: it comes up, mends itself, follows an apply, and leaves no process behind."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from cdp_assets.defs.running import running
from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse.address import server_address
from cdp_assets.lakehouse.session import SparkSessions
from tests.integration.up.platform_process import PlatformProcess
from tests.unit.cli.processes import alive, descendants, eventually

READY_S = 120
SPARK_BACK_S = 20
SCHEDULES = "{ repositoriesOrError { ... on RepositoryConnection { nodes { schedules { name } sensors { name } } } } }"
LAUNCH = """
mutation Launch($repository: String!) {
  launchRun(executionParams: {selector: {
    repositoryLocationName: "production", repositoryName: $repository, jobName: "sleep"}}) {
    __typename ... on LaunchRunSuccess { run { runId } } }
}"""
RUNS = "{ runsOrError { ... on Runs { results { runId status } } } }"
GROUP = """
description: Orders once more in the afternoon.
couriers: [orders]
schedule: "0 15 * * *"
time_zone: America/New_York
run_type: source
"""
Start = Callable[..., PlatformProcess]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start platforms, and leave none."""
    started: list[PlatformProcess] = []

    def make(*options: str) -> PlatformProcess:
        started.append(PlatformProcess(tmp_path, "--port", str(free_port()), *options))
        return started[-1]

    yield make
    for platform in started:
        if platform.process.poll() is None:
            platform.end(signal.SIGKILL)


def free_port() -> int:
    """Give a port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cdp(platform: PlatformProcess, tenant: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run another command on the same home."""
    environment = os.environ | {
        "CDP_HOME": str(platform.home.root),
        "CDP_TENANT_CONFIG": str(tenant),
        "PYTHONPATH": str(REPOSITORY),
    }
    command = [sys.executable, "-m", "cdp_assets.cli.main", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def schedules(platform: PlatformProcess) -> list[str]:
    """Give the names of the schedules that the webserver knows."""
    nodes = platform.ask(SCHEDULES)["repositoriesOrError"]["nodes"]
    return [schedule["name"] for node in nodes for schedule in node["schedules"]]


def test_it_comes_up_mends_itself_follows_an_apply_and_ends_at_ctrl_c(start: Start, tmp_path: Path) -> None:
    platform = start()
    platform.wait_for("Ready", READY_S)
    assert (platform.home.drop("production") / "ecom").is_dir(), "the drop folders are there"
    found = running(platform.home)
    assert found is not None
    assert found.pid == platform.process.pid
    assert found.url in platform.text
    assert "Deprecat" not in platform.text

    second = cdp(platform, REPOSITORY / "tenant_config", "up")
    assert second.returncode == 1
    assert f"process {found.pid}, {found.url}" in second.stderr

    sessions = SparkSessions.for_home(platform.home.root)
    assert sessions.run(lambda: sessions.session().sql("SELECT 1 AS n").collect())[0].n == 1
    address = server_address(platform.home.root)
    assert address is not None
    os.kill(address.pid, signal.SIGKILL)
    assert platform.wait_for("spark is back", SPARK_BACK_S) < SPARK_BACK_S
    assert sessions.run(lambda: sessions.session().sql("SELECT 2 AS n").collect())[0].n == 2

    assert "group_afternoon" not in schedules(platform)
    tenant = tmp_path / "tenant"
    shutil.copytree(REPOSITORY / "tenant_config", tenant)
    (tenant / "courier_groups" / "afternoon.yaml").write_text(GROUP)
    assert cdp(platform, tenant, "plan", "-o", str(tmp_path / "plan.json")).returncode == 2
    applied = cdp(platform, tenant, "apply", str(tmp_path / "plan.json"))
    assert "The running platform has loaded it." in applied.stdout, applied.stderr
    assert "group_afternoon" in schedules(platform)

    assert eventually(lambda: "Sensor new_files skipped" in (platform.home.logs / "daemon.log").read_text(), 40)
    groups = {os.getpgid(pid) for pid in platform.pids()[1:]}
    assert platform.end(signal.SIGINT) == []
    assert platform.process.returncode == 0
    assert not groups & {os.getpgid(pid) for pid in alive(psutil.pids())}
    assert running(platform.home) is None
    assert not (platform.home.root / "run").exists()


def test_runs_end_with_what_ran_them_and_are_tried_again(start: Start) -> None:
    """The code server is killed under a run, then `up` itself: each time the run's process ends and its books close."""
    platform = start("--module", "tests.integration.up.sleeper")
    platform.wait_for("Ready", READY_S)
    launched = platform.ask(LAUNCH, repository="__repository__")["launchRun"]
    assert launched["__typename"] == "LaunchRunSuccess"
    first = launched["run"]["runId"]
    assert eventually(lambda: runs(platform) == {first: "STARTED"}, 40)

    code_server = next(pid for pid in platform.pids() if "code-server" in " ".join(psutil.Process(pid).cmdline()))
    family = descendants(code_server)
    assert any("multiprocessing" in " ".join(psutil.Process(pid).cmdline()) for pid in family), "the run's process"
    os.kill(code_server, signal.SIGKILL)
    platform.wait_for("Runs that were cut off: 1", 40)
    assert not alive(family)
    assert eventually(lambda: sorted(runs(platform).values()) == ["FAILURE", "STARTED"], 60), "it is tried again"
    (second,) = (run for run, status in runs(platform).items() if status == "STARTED")

    before = platform.pids()
    assert platform.end(signal.SIGKILL) == []
    assert not alive(before)
    again = start("--module", "tests.integration.up.sleeper")
    again.wait_for("Ready", READY_S)
    assert runs(again)[second] == "FAILURE"
    assert again.end(signal.SIGTERM) == []


def runs(platform: PlatformProcess) -> dict[str, str]:
    """Give each run's status, as the UI shows it."""
    results = platform.ask(RUNS)["runsOrError"]["results"]
    return {run["runId"]: run["status"] for run in results}
