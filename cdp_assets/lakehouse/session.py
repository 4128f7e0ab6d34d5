"""Sessions with the Spark server that survive its restarts; a wrong token fails at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import grpc
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.connect.client.retries import DefaultPolicy
from pyspark.sql.connect.proto import base_pb2, base_pb2_grpc

from cdp_assets.errors import EngineError, EngineUnreachableError, LakeError
from cdp_assets.lakehouse.server import Address, server_address

logger = logging.getLogger(__name__)
logging.getLogger("SQLQueryContextLogger").disabled = True
"""pyspark's own error log repeats every message of the server, which may quote a row."""

T = TypeVar("T")
FIRST_CALL_S = 8.0
RECONNECT_S = 60.0
"""How long work is repeated while the server is away; it is back within 20 s."""
LOST = (
    "SESSION_CLOSED",
    "SESSION_NOT_FOUND",
    "SESSION_CHANGED",
    "INVALID_HANDLE",
    "RETRIES_EXCEEDED",
    "OPERATION_NOT_FOUND",
)
QUOTES_SQL_ONLY = (
    "UNRESOLVED",
    "TABLE_OR_VIEW",
    "PARSE_",
    "DATATYPE_MISMATCH",
    "MISSING_",
    "WRONG_NUM_ARGS",
    "DELTA_",
    "AMBIGUOUS",
    "PATH_NOT_FOUND",
)
"""Conditions whose message names columns and SQL, never a row's values."""


class SparkSessions:
    """Gives a session of this process, and a new one when the server has forgotten it."""

    def __init__(self, address: Callable[[], Address | None]) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._session: SparkSession | None = None

    @classmethod
    def for_home(cls, home: Path) -> SparkSessions:
        """Find the server through the home's own file, also after a restart on another port."""
        return cls(lambda: server_address(home))

    def session(self) -> SparkSession:
        """Give a live session; raises EngineUnreachableError when no server answers."""
        with self._lock:
            if self._session is None:
                self._session = connect(self._address())
            return self._session

    def forget(self) -> None:
        """Drop the session, so that the next call makes a new one."""
        with self._lock:
            self._session = None

    def run(self, work: Callable[[], T]) -> T:
        """Do work that may be repeated, again after a lost session or server, for up to a minute.

        Raises LakeError for what Spark refuses, without the values that its message may quote.
        """
        deadline = time.monotonic() + RECONNECT_S
        while True:
            try:
                return work()
            except (PySparkException, grpc.RpcError, EngineUnreachableError) as error:
                if not is_lost(error):
                    raise lake_error(error) from None
                if time.monotonic() > deadline:
                    raise EngineUnreachableError(
                        "Spark has not answered for a minute. Expected it to be running."
                    ) from None
                logger.warning("Spark went away (%s); connecting again", type(error).__name__)
                self.forget()
                time.sleep(1.0)


def connect(address: Address | None) -> SparkSession:
    """Open a session; raises EngineUnreachableError or, for a wrong token, EngineError, within 8 s."""
    if address is None:
        raise EngineUnreachableError("No Spark server was started here. Expected `cdp up` to run.")
    check(address)
    session: SparkSession = SparkSession.builder.remote(address.remote).create()
    policy = DefaultPolicy(max_retries=6, initial_backoff=100, max_backoff=2000, backoff_multiplier=2.0)
    session.client.set_retry_policies([policy])  # the stock policy goes on for minutes
    return session


def check(address: Address) -> None:
    """Ask the server for its version once, with a bound: the stock client retries a wrong token for minutes."""
    request = base_pb2.AnalyzePlanRequest(
        session_id="00000000-0000-4000-8000-000000000000",
        user_context=base_pb2.UserContext(user_id="cdp"),
        spark_version=base_pb2.AnalyzePlanRequest.SparkVersion(),
    )
    with grpc.insecure_channel(f"127.0.0.1:{address.port}") as channel:
        stub = base_pb2_grpc.SparkConnectServiceStub(channel)
        try:
            stub.AnalyzePlan(request, timeout=FIRST_CALL_S, metadata=[("authorization", f"Bearer {address.token}")])
        except grpc.RpcError as error:
            if error.code() in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
                raise EngineError("Spark refuses the token. Expected the one in spark/token of this home.") from None
            raise EngineUnreachableError(
                f"Spark does not answer on port {address.port} ({error.code().name})."
            ) from None


def is_lost(error: Exception) -> bool:
    """Say whether an error means that the session or the server is gone, not that the work is wrong."""
    if isinstance(error, EngineUnreachableError):
        return True
    if isinstance(error, grpc.RpcError):
        code = error.code() if callable(getattr(error, "code", None)) else None
        return code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN)
    return any(mark in f"{condition_of(error)} {error}" for mark in LOST) or "UNAVAILABLE" in str(error)


def condition_of(error: Exception) -> str:
    """Give Spark's name of an error, such as CAST_INVALID_INPUT."""
    getter = getattr(error, "getCondition", None)
    return str((getter() if callable(getter) else None) or type(error).__name__)


def lake_error(error: Exception) -> LakeError:
    """Give an error of ours; Spark's text is kept only where it cannot quote a row."""
    condition = condition_of(error)
    if condition.startswith(QUOTES_SQL_ONLY):
        return LakeError(f"Spark: {str(error).splitlines()[0]}")
    return LakeError(f"Spark: {condition}; its text is withheld because it may quote a row.")
