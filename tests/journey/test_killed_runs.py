"""A whole run is killed at many points; the next one gives what an undisturbed one gives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.state import runs, tables
from tests.journey.conftest import ThreeDays
from tests.journey.installation import DAYS, Installation, different_tables

WRITES = (0, 1, 8, 10, 14, 18, 22, 24)
"""Kill after so many tables are recorded: before the first load, between loads, around Stitch, before the exports."""


def killed_after(installation: Installation, writes: int) -> None:
    """Run `cdp demo` in a process and kill it with SIGKILL once the run has recorded so many tables."""
    environment = os.environ | {"CDP_HOME": str(installation.home.root), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "cdp_assets.cli.main", "demo"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    deadline = time.monotonic() + 300
    while process.poll() is None and time.monotonic() < deadline:
        with installation.state.read() as conn:
            found = [row["run_id"] for row in conn.execute(tables.run.select()).mappings()]
            if found and max(len(runs.writes(conn, run_id)) for run_id in found) >= writes:
                os.killpg(process.pid, signal.SIGKILL)
        time.sleep(0.02)
    assert process.wait() == -signal.SIGKILL


@pytest.mark.long
@pytest.mark.parametrize("writes", WRITES)
def test_a_killed_run_leaves_nothing_behind(
    writes: int, one_by_one: ThreeDays, tmp_path: Path, spark_server: SparkServer
) -> None:
    """Nothing is published before the end, and the run after it publishes the right tables."""
    installation = Installation(tmp_path / "killed", spark_server)
    killed_after(installation, writes)
    installation.apply()
    installation.run(DAYS[0])
    assert different_tables(installation, one_by_one.installation, one_by_one.publications[0]) == []
