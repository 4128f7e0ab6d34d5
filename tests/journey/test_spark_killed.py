"""The Spark server dies in the middle of a run: the run goes on with the next one, and nothing differs."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from cdp_assets.cli import demo
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.names import TableName
from cdp_assets.state import runs, tables
from tests.conftest import JARS
from tests.journey.conftest import ThreeDays
from tests.journey.installation import DAYS, Installation, different_tables

TRIGGER = TableName("unified", "unified_coalesced")
"""When this table is written, the next ones are being made from it."""


class Killer(threading.Thread):
    """Kills the server once the run has written a table, and starts another, as `cdp up` does."""

    def __init__(self, installation: Installation, server: SparkServer) -> None:
        super().__init__(name="killer")
        self.installation, self.server, self.killed = installation, server, False

    def run(self) -> None:
        """Wait, kill, start again."""
        deadline = time.monotonic() + 180
        while time.monotonic() < deadline and not self._written():
            time.sleep(0.05)
        time.sleep(0.5)
        if self.server.pid is not None:
            os.killpg(self.server.pid, signal.SIGKILL)
            self.killed = True
        self.server.stop()
        self.server.start(print)

    def _written(self) -> bool:
        with self.installation.state.read() as conn:
            found = conn.execute(tables.run.select()).mappings().all()
            return any(TRIGGER in runs.writes(conn, row["run_id"]) for row in found)


def test_a_run_survives_the_spark_server(
    one_by_one: ThreeDays, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Every table is the same as that of the same day when nothing disturbed it."""
    server = SparkServer(tmp_path_factory.mktemp("own"), jars_folder=JARS, memory="2g")
    server.start(print)
    try:
        disturbed = Installation(tmp_path / "disturbed", server)
        disturbed.apply()
        disturbed.drop(DAYS[0])
        killer = Killer(disturbed, server)
        killer.start()
        demo.run_full(disturbed.home, DAYS[0])
        killer.join()
        assert killer.killed
    finally:
        server.stop()
    assert different_tables(disturbed, one_by_one.installation, one_by_one.publications[0]) == []
