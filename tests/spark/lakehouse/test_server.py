"""What the server is: private, plain, forgetful of nothing that matters."""

from __future__ import annotations

import dataclasses
import stat
import time
from pathlib import Path

import pytest
from pyspark.sql.functions import pandas_udf

from cdp_assets.errors import EngineError, EngineUnreachableError, LakeError
from cdp_assets.lakehouse.address import server_address
from cdp_assets.lakehouse.health import release
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.lakehouse.session import SparkSessions, connect
from tests.conftest import JARS


def test_wrong_token_fails_in_seconds_and_is_not_transient(spark_server: SparkServer) -> None:
    address = server_address(spark_server.home)
    assert address is not None
    for token in ("wrong", ""):
        started = time.monotonic()
        with pytest.raises(EngineError, match="refuses the token") as caught:
            connect(dataclasses.replace(address, token=token))
        assert time.monotonic() - started < 10
        assert not isinstance(caught.value, EngineUnreachableError)


def test_files_with_the_token_are_private(spark_server: SparkServer) -> None:
    for name in ("token", "server.json", "server.conf"):
        assert stat.S_IMODE((spark_server.home / "spark" / name).stat().st_mode) == 0o600
    assert stat.S_IMODE((spark_server.home / "spark").stat().st_mode) == 0o700


def test_second_start_uses_the_first_server(spark_server: SparkServer) -> None:
    second = SparkServer(spark_server.home, jars_folder=JARS)
    second.start()
    assert second.pid is None
    second.stop()
    assert spark_server.healthy()


def test_port_that_is_taken_is_an_error_with_the_log(spark_server: SparkServer, tmp_path: Path) -> None:
    address = server_address(spark_server.home)
    assert address is not None
    with pytest.raises(EngineError, match=r"did not start[\s\S]*spark\.log"):
        SparkServer(tmp_path, jars_folder=JARS, port=address.port, memory="512m").start()


def test_session_is_utc_fair_and_small(sessions: SparkSessions) -> None:
    spark = sessions.session()
    assert spark.conf.get("spark.sql.session.timeZone") == "UTC"
    assert spark.conf.get("spark.scheduler.mode") == "FAIR"
    assert spark.conf.get("spark.sql.shuffle.partitions") == "4"


def test_session_that_the_server_closed_is_made_again(spark_server: SparkServer) -> None:
    sessions = SparkSessions.for_home(spark_server.home)
    first, address = sessions.session(), server_address(spark_server.home)
    assert address is not None
    first.sql("SELECT 1").collect()
    release(address, first.session_id)  # what the server does after an hour of idleness
    assert sessions.run(lambda: sessions.session().sql("SELECT 7").toArrow()).column(0).to_pylist() == [7]
    assert sessions.session() is not first


def test_wrong_work_is_refused_at_once_and_the_session_stays(sessions: SparkSessions) -> None:
    before, started = sessions.session(), time.monotonic()
    with pytest.raises(LakeError, match="nope"):
        sessions.run(lambda: sessions.session().sql("SELECT nope").toArrow())
    assert time.monotonic() - started < 10
    assert sessions.session() is before


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT CAST(CONCAT('geheim-', id) AS INT) AS n FROM RANGE(3)",
        "SELECT RAISE_ERROR(CONCAT('geheim-', id)) AS n FROM RANGE(3)",
        "SELECT TO_DATE(CONCAT('geheim-', id)) AS n FROM RANGE(3)",
    ],
)
def test_neither_error_nor_log_holds_a_value(sessions: SparkSessions, spark_server: SparkServer, sql: str) -> None:
    with pytest.raises(LakeError) as caught:
        sessions.run(lambda: sessions.session().sql(sql).toArrow())
    assert "geheim-0" not in str(caught.value)
    assert "geheim-" not in spark_server.log.read_text()


def test_python_functions_run_on_the_server(sessions: SparkSessions) -> None:
    double = pandas_udf(lambda n: n * 2, "long")
    rows = sessions.run(lambda: sessions.session().range(3).select(double("id").alias("n")).toArrow())
    assert rows.column("n").to_pylist() == [0, 2, 4]
