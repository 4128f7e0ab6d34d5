"""A server that is killed comes back, and work goes on."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql.functions import udf

from cdp_assets.errors import EngineUnreachableError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.address import server_address
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.lakehouse.session import SparkSessions
from tests.conftest import JARS
from tests.ports import free_port

SLOW = "SELECT COUNT(*) AS n FROM RANGE(20000000000) WHERE id % 3 = 0"


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkServer]:
    """A server that a test may kill."""
    made = SparkServer(tmp_path_factory.mktemp("killed"), jars_folder=JARS, memory="1g")
    made.start()
    yield made
    made.stop()


def _patient(server: SparkServer) -> SparkSessions:
    """Sessions that wait for a server longer than a busy machine takes to start one."""
    return SparkSessions(lambda: server_address(server.home), reconnect_s=240)


def _kill(server: SparkServer) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)


def test_killed_mid_query_work_goes_on_after_the_restart_on_another_port(server: SparkServer) -> None:
    sessions = _patient(server)
    before = server_address(server.home)
    tries: list[str] = []

    def work() -> list[int]:
        session = sessions.session()
        tries.append(session.session_id)
        if len(tries) == 1:
            return list(session.sql(SLOW).toArrow().column("n").to_pylist())
        more = udf(lambda n: n + 1, "int")  # who reads the type's name must not ask the server that was killed
        return list(session.sql("SELECT 6 AS n").select(more("n").alias("n")).toArrow().column("n").to_pylist())

    again = SparkServer(server.home, jars_folder=JARS, port=free_port(), memory="1g")

    def kill_and_restart() -> None:
        while not tries:
            time.sleep(0.1)
        time.sleep(2)
        _kill(server)
        again.start()

    killer = threading.Thread(target=kill_and_restart)
    killer.start()
    try:
        assert sessions.run(work) == [7]
    finally:
        killer.join()
        again.stop()
    after = server_address(server.home)
    assert before is not None
    assert after is not None
    assert (before.port, before.pid) != (after.port, after.pid)
    assert before.token == after.token
    assert len(set(tries)) == len(tries) >= 2


def test_overwrite_that_was_cut_off_is_written_once(server: SparkServer, tmp_path: Path) -> None:
    lake = Lake(tmp_path, _patient(server))
    tries: list[int] = []

    def work() -> int:
        frame = lake.sessions.session().sql("SELECT id FROM RANGE(5)")
        version = lake.overwrite("t", frame, load_id="run:t")
        tries.append(version)
        if len(tries) == 1:
            _kill(server)  # committed, and nobody heard of it
            lake.sessions.session().sql("SELECT 1").collect()
        return version

    def restart() -> None:
        while not tries:
            time.sleep(0.1)
        server.stop()
        server.start()

    starter = threading.Thread(target=restart)
    starter.start()
    try:
        assert lake.sessions.run(work) == 0
    finally:
        starter.join()
    assert tries == [0, 0]
    assert delta.version(tmp_path / "t") == 0
    assert delta.read(tmp_path / "t").sort_by("id") == pa.table({"id": range(5)})


def test_server_starts_once_a_killed_one_is_gone(tmp_path: Path) -> None:
    """It takes a moment to die, and holds on to the home until then."""
    (tmp_path / "spark").mkdir()
    dying = (tmp_path / "spark" / "lock").open("w")
    fcntl.flock(dying, fcntl.LOCK_EX)
    gone = threading.Timer(3, dying.close)
    gone.start()
    server = SparkServer(tmp_path, jars_folder=JARS, memory="1g")
    try:
        server.start()
        assert server.pid is not None
    finally:
        gone.join()
        server.stop()


def test_server_that_stays_away_is_unreachable_in_bounded_time(server: SparkServer) -> None:
    sessions = SparkSessions(lambda: server_address(server.home), reconnect_s=3)
    sessions.session()
    _kill(server)
    started = time.monotonic()
    with pytest.raises(EngineUnreachableError):
        sessions.run(lambda: sessions.session().sql("SELECT 1").toArrow())
    assert time.monotonic() - started < 20
