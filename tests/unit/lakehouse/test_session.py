"""What a process that reaches Spark keeps to itself."""

from __future__ import annotations

import logging
import logging.config

import pytest
from pyspark.logger import PySparkLogger

import cdp_assets.lakehouse.session  # noqa: F401 - importing it silences them


@pytest.mark.parametrize(
    "name", ["SQLQueryContextLogger", "DataFrameQueryContextLogger", "pyspark.sql.connect.logging"]
)
def test_pysparks_error_logs_stay_silent_after_others_configure_logging(
    name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Dagster configures it in every run, and that enables disabled loggers again."""
    logging.config.dictConfig({"version": 1, "disable_existing_loggers": False})
    PySparkLogger.getLogger(name).exception("a row of Ann-Lee-4711", errorClass="CAST_INVALID_INPUT")
    assert capfd.readouterr() == ("", "")
