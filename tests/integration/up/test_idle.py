"""A session that Spark has forgotten after idle time is made again: the next query works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse.address import server_address
from cdp_assets.lakehouse.health import answers
from cdp_assets.lakehouse.session import SparkSessions
from tests.unit.cli.processes import eventually

IDLE_S = 3
SERVER = f"""
from cdp_assets.lakehouse import server_process
server_process.SETTINGS |= {{
    "spark.connect.session.manager.defaultSessionTimeout": "{IDLE_S}s",
    "spark.connect.session.manager.maintenanceInterval": "1s",
}}
server_process.main()
"""
"""The server as it is, but that it forgets after seconds what it else forgets after an hour."""


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[Path]:
    """The home of such a server."""
    jars = str(REPOSITORY / ".cdp" / "jars")
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(tmp_path), "--jars", jars, "--memory", "1g"],
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def up() -> bool:
        address = server_address(tmp_path)
        return address is not None and address.pid == process.pid and answers(address)

    assert eventually(up, 90)
    yield tmp_path
    os.killpg(process.pid, signal.SIGTERM)
    process.wait(30)


def test_the_query_after_a_long_idle_time_works(forgetful: Path) -> None:
    sessions = SparkSessions.for_home(forgetful)
    first = sessions.session()
    assert sessions.run(lambda: sessions.session().sql("SELECT 1 AS n").collect())[0].n == 1
    time.sleep(IDLE_S + 4)
    started = time.monotonic()
    assert sessions.run(lambda: sessions.session().sql("SELECT 2 AS n").collect())[0].n == 2
    assert sessions.session() is not first, "the server had forgotten the session"
    assert time.monotonic() - started < 15
