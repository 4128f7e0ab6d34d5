"""One Spark server for all tests here; its home is temporary, its jars are the repository's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.lakehouse.session import SparkSessions

JARS = REPOSITORY / ".cdp" / "jars"
"""Fetched once, by whoever comes first."""


@pytest.fixture(scope="session")
def spark_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkServer]:
    """A running server of its own home."""
    server = SparkServer(tmp_path_factory.mktemp("home"), jars_folder=JARS, memory="2g")
    server.start(print)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sessions(spark_server: SparkServer) -> SparkSessions:
    """What the platform reaches the server by."""
    return SparkSessions.for_home(spark_server.home)


@pytest.fixture
def spark(sessions: SparkSessions) -> SparkSession:
    """A session with the server."""
    return sessions.session()


@pytest.fixture
def lake(tmp_path: Path, sessions: SparkSessions) -> Lake:
    """An empty lake in a temporary folder."""
    return Lake(tmp_path / "lake", sessions)
