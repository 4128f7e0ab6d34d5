"""The Spark Connect server of a home: one long-lived process on loopback, behind a random token."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cdp_assets.errors import EngineError
from cdp_assets.lakehouse import jars
from cdp_assets.lakehouse.address import Address, server_address
from cdp_assets.lakehouse.health import answers
from cdp_assets.lakehouse.server_process import ALREADY_RUNNING, DEFAULT_MEMORY

__all__ = ["Address", "SparkServer", "server_address"]

START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 15.0
PROGRESS_S = 10.0
AGAIN_S = 1.0
MAX_LOG_BYTES = 10 << 20


def _silent(_: str) -> None:
    """Say nothing."""


class SparkServer:
    """Starts, checks and stops the server of one home.

    `jars_folder` is `jars/` in the home unless several homes share one; `port` is the last one, else a free one.
    """

    def __init__(
        self,
        home: Path,
        *,
        jars_folder: Path | None = None,
        port: int | None = None,
        memory: str = DEFAULT_MEMORY,
    ) -> None:
        self.home, self._port, self._memory = home.resolve(), port, memory
        self.jars_folder = jars_folder or self.home / "jars"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where the server's own output goes."""
        return self.home / "logs" / "spark.log"

    def command(self) -> list[str]:
        """Give the program that becomes the server; it fetches the jars, and writes its port and token, first."""
        program = [sys.executable, "-m", "cdp_assets.lakehouse.server_process", str(self.home)]
        port = ["--port", str(self._port)] if self._port else []
        return [*program, "--jars", str(self.jars_folder), "--memory", self._memory, *port]

    def healthy(self) -> bool:
        """Say whether a server of this home answers and takes the home's token."""
        address = server_address(self.home)
        return address is not None and answers(address)

    def start(self, say: Callable[[str], None] = _silent) -> None:
        """Start it and return when it answers; where another process started it meanwhile, use that one.

        One that was killed and is not yet gone holds on to the home: then it is started again and again.
        Raises EngineError with the end of the log when it does not answer within 90 s.
        """
        jars.fetch(self.jars_folder, say)
        self._process = self._spawn()
        started = said = time.monotonic()
        while (now := time.monotonic()) < started + START_TIMEOUT_S:
            ended = self._process.poll()
            if ended not in (None, ALREADY_RUNNING):
                break
            address = server_address(self.home)
            if address is not None and ended is None and address.pid == self._process.pid and self.healthy():
                return
            if ended == ALREADY_RUNNING and self.healthy():
                self._process = None
                return
            if ended == ALREADY_RUNNING:
                time.sleep(AGAIN_S)
                self._process = self._spawn()
            if now - said > PROGRESS_S:
                say(f"Still starting Spark ({now - started:.0f} s); its log is {self.log}")
                said = now
            time.sleep(0.2)
        self.stop()
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
        raise EngineError(f"Spark did not start.\n{tail}\nExpected it to listen; see {self.log}.")

    def _spawn(self) -> subprocess.Popen[bytes]:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
            os.replace(self.log, self.log.with_suffix(".log.1"))
        with self.log.open("ab") as log:
            return subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self) -> None:
        """Stop the server that this object started, by its process id; a no-op for one that it only uses."""
        if self._process is None:
            return
        for sign in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, sign)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_TIMEOUT_S)
                break
        self._process = None

    @property
    def pid(self) -> int | None:
        """The process id of the server that this object started, or nothing."""
        return self._process.pid if self._process else None
