"""What every test may use: one Spark server and one Postgres for the whole session, and an honest count of skips."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from cdp_assets.home import REPOSITORY
from tests.lifetimes import ended_with_us
from tests.pgp import gpg_tool, our_key
from tests.postgres import place, postgres_server
from tests.sftp_server import sftp_server

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from cdp_assets.lakehouse.lake import Lake
    from cdp_assets.lakehouse.server import SparkServer
    from cdp_assets.lakehouse.session import SparkSessions

__all__ = ["gpg_tool", "our_key", "place", "postgres_server", "sftp_server"]
settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")
"""A slow machine is no failure, and a failure is there again on the next run."""

JARS = REPOSITORY / ".cdp" / "jars"
"""Fetched once, by whoever comes first."""


@pytest.fixture(scope="session")
def spark_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkServer]:
    """A running server of its own home."""
    from cdp_assets.lakehouse.server import SparkServer

    server = SparkServer(tmp_path_factory.mktemp("home"), jars_folder=JARS, memory="2g")
    server.start(print)
    assert server.pid is not None
    with ended_with_us(server.pid):
        yield server
    server.stop()


@pytest.fixture(scope="session")
def sessions(spark_server: SparkServer) -> SparkSessions:
    """What the platform reaches the server by."""
    from cdp_assets.lakehouse.session import SparkSessions

    return SparkSessions.for_home(spark_server.home)


@pytest.fixture
def spark(sessions: SparkSessions) -> SparkSession:
    """A session with the server."""
    return sessions.session()


@pytest.fixture
def lake(tmp_path: Path, sessions: SparkSessions) -> Lake:
    """An empty lake in a temporary folder."""
    from cdp_assets.lakehouse.lake import Lake

    return Lake(tmp_path / "lake", sessions)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keep to one process, where tests run in several, what shares something that takes long to make."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):  # type: ignore[misc] # mypy is not shown the tests
        def _split_scope(self, nodeid: str) -> str:
            path, _, test = nodeid.partition("::")
            if path.startswith(("tests/journey/", "tests/spark/")):
                return path.split("/")[1]
            if path.startswith("tests/unit/"):
                return nodeid
            return path + next((kind for kind in ("sqlite", "postgres") if kind in test), "")

    return Together(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was skipped, and hand the names to `cdp tests`, which counts them on its last line."""
    skipped = terminalreporter.stats.get("skipped", [])
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        terminalreporter.write_line(f"skipped: {report.nodeid} ({reason.removeprefix('Skipped: ')})")
    if report_file := os.environ.get("CDP_SKIP_REPORT"):
        with Path(report_file).open("a") as file:
            file.writelines(f"{report.nodeid.replace(' ', '_')}\n" for report in skipped)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run that may not skip: where everything can be installed, a skip hides a missing piece."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter is not None else []
    if skipped and os.environ.get("CDP_TESTS_NO_SKIP") and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
