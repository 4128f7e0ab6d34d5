from __future__ import annotations

import grpc
import pytest
from pyspark.errors.exceptions.connect import AnalysisException, NumberFormatException, SparkConnectGrpcException

from cdp_assets.errors import EngineUnreachableError
from cdp_assets.lakehouse.spark_errors import is_lost, lake_error

VALUE = "ann@example.com"


@pytest.mark.parametrize(
    "condition",
    [
        "INVALID_HANDLE.SESSION_CLOSED",
        "INVALID_HANDLE.SESSION_NOT_FOUND",
        "INVALID_HANDLE.SESSION_CHANGED",
        "INVALID_HANDLE.OPERATION_NOT_FOUND",
        "INVALID_CURSOR.DISCONNECTED",
        "NO_ACTIVE_SESSION",
        "SESSION_CLOSED",
    ],
)
def test_forgotten_session_is_lost(condition: str) -> None:
    assert is_lost(SparkConnectGrpcException("gone", errorClass=condition, messageParameters={}))


def test_server_that_went_away_is_lost() -> None:
    assert is_lost(SparkConnectGrpcException("refused", grpc_status_code=grpc.StatusCode.UNAVAILABLE))
    assert is_lost(EngineUnreachableError("no answer"))


def test_word_in_a_message_does_not_make_it_lost() -> None:
    assert not is_lost(AnalysisException("column UNAVAILABLE or SESSION_CLOSED", errorClass="UNRESOLVED_COLUMN"))


@pytest.mark.parametrize(
    "condition",
    [
        "CAST_INVALID_INPUT",
        "DELTA_VIOLATE_CONSTRAINT_WITH_VALUES",
        "DELTA_EXCEED_CHAR_VARCHAR_LIMIT",
        "USER_RAISED_EXCEPTION",
        None,
    ],
)
def test_message_that_may_quote_a_row_is_withheld(condition: str | None) -> None:
    error = NumberFormatException(f"The value '{VALUE}' is malformed", errorClass=condition)
    assert VALUE not in str(lake_error(error))
    assert (condition or "NumberFormatException") in str(lake_error(error))


def test_message_made_of_names_is_kept() -> None:
    error = AnalysisException("[UNRESOLVED_COLUMN] `emial`, did you mean `email`", errorClass="UNRESOLVED_COLUMN")
    assert "emial" in str(lake_error(error))
