"""Sessions with the Spark server that survive its restarts; a wrong token fails at once."""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import grpc
from pyspark.errors import PySparkException
from pyspark.logger import PySparkLogger
from pyspark.sql import SparkSession
from pyspark.sql.connect.client import DefaultChannelBuilder
from pyspark.sql.connect.client.retries import DefaultPolicy
from pyspark.sql.connect.session import SparkSession as RemoteSparkSession

from cdp_assets.errors import EngineUnreachableError
from cdp_assets.lakehouse.address import Address, server_address
from cdp_assets.lakehouse.health import check, release
from cdp_assets.lakehouse.spark_errors import condition_of, is_lost, lake_error

logger = logging.getLogger(__name__)
for _name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger", "pyspark.sql.connect.logging"):
    PySparkLogger.getLogger(_name).setLevel(logging.CRITICAL + 1)
"""pyspark's own error logs repeat every message of the server, which may quote a row.

A level outlives Dagster's `logging.config.dictConfig`, which enables again what was `disabled`; and each must be of
pyspark's own class, since it is called with arguments that no other logger takes.
"""

T = TypeVar("T")
RECONNECT_S = 60.0
"""How long work is repeated while the server is away; it is back within 20 s."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 5.0


class SparkSessions:
    """Gives a session of this process, and a new one when the server has forgotten it.

    Nothing of ours depends on a session's state (views, settings), so a new one is as good as the old.
    """

    def __init__(self, address: Callable[[], Address | None], *, reconnect_s: float = RECONNECT_S) -> None:
        self._address, self._reconnect_s = address, reconnect_s
        self._lock = threading.Lock()
        self._session: SparkSession | None = None

    @classmethod
    def for_home(cls, home: Path) -> SparkSessions:
        """Find the server through the home's own file, also after a restart on another port."""
        return cls(lambda: server_address(home))

    def session(self) -> SparkSession:
        """Give a session; raises EngineUnreachableError when no server answers."""
        with self._lock:
            if self._session is None:
                self._session = connect(self._address())
            _make_active(self._session)
            return self._session

    @contextlib.contextmanager
    def tagged(self, tag: str) -> Iterator[None]:
        """Let what this thread starts in the block be stopped by its tag. Belongs inside `run`."""
        session = self.session()
        session.addTag(tag)
        try:
            yield
        finally:
            session.removeTag(tag)

    def interrupt(self, tag: str) -> None:
        """Stop what runs under a tag in this process's session; without a session nothing does."""
        with self._lock:
            session = self._session
        if session is not None:
            with contextlib.suppress(PySparkException, grpc.RpcError):
                session.interruptTag(tag)

    def _forget(self, lost: SparkSession | None) -> None:
        """Drop a lost session, so that the next call makes a new one; another thread's newer one stays."""
        with self._lock:
            if self._session is lost:
                self._session = None

    def run(self, work: Callable[[], T], *, idempotent: bool = True) -> T:
        """Do work, again after a lost session or server, for up to a minute.

        `work` takes its frames from `session()` each time. Work that is not `idempotent` is done once.
        Raises LakeError for what Spark refuses, without the values that its message may quote, and
        EngineUnreachableError when Spark stays away.
        """
        deadline, wait_s = time.monotonic() + self._reconnect_s, FIRST_WAIT_S
        while True:
            used = self._session
            try:
                return work()
            except (PySparkException, grpc.RpcError, EngineUnreachableError) as error:
                if not is_lost(error):
                    raise lake_error(error) from None
                self._forget(used or self._session)
                if not idempotent or time.monotonic() + wait_s > deadline:
                    raise EngineUnreachableError(
                        "Spark went away and did not come back. Expected `cdp up` to run."
                    ) from None
                logger.warning("Spark went away (%s); connecting again", condition_of(error))
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def _make_active(session: SparkSession) -> None:
    """Let a session be what functions find that take none, such as those that read a type's name.

    PySpark keeps the first one for that, also when its server is long gone, and has no public way to say which.
    """
    RemoteSparkSession._default_session = session
    RemoteSparkSession._active_session.session = session


def connect(address: Address | None) -> SparkSession:
    """Open a session; raises EngineUnreachableError or, for a wrong token, EngineError, within 8 s."""
    if address is None:
        raise EngineUnreachableError("No Spark server was started here. Expected `cdp up` to run.")
    check(address)
    channel = DefaultChannelBuilder(address.remote, [("grpc.enable_http_proxy", 0)])  # a proxy is not for loopback
    os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"  # as builder.remote() does; functions and UDFs look at it
    session: SparkSession = RemoteSparkSession.builder.channelBuilder(channel).create()
    policy = DefaultPolicy(max_retries=6, initial_backoff=100, max_backoff=2000, backoff_multiplier=2.0)
    session.client.set_retry_policies([policy])  # the stock policy goes on for minutes
    # The stock clean-up waits at exit for a server that may have stopped, and keeps every lost session alive.
    atexit.unregister(session.client._on_exit)
    atexit.register(release, address, session.session_id)
    return session
