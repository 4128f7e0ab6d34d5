"""The Spark Connect server: one long-lived process on loopback, behind a random token.

`python -m cdp_assets.lakehouse.server HOME` becomes the server (it keeps its process id); `SparkServer` starts
that in the background and stops it by process id.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cdp_assets.errors import EngineError
from cdp_assets.lakehouse import jars
from cdp_assets.lakehouse.java import find_java

START_TIMEOUT_S = 90.0
STOP_TIMEOUT_S = 15.0
DEFAULT_MEMORY = "3g"
MAIN = "org.apache.spark.sql.connect.service.SparkConnectServer"
OPENED = (
    "java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util",
    "java.util.concurrent", "java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs",
    "sun.security.action", "sun.util.calendar",
)  # fmt: skip
"""Spark's own list (JavaModuleOptions), without the vector module that a JRE from a wheel lacks."""
SETTINGS = {
    "spark.master": "local[*]",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.connect.grpc.binding.address": "127.0.0.1",
    "spark.scheduler.mode": "FAIR",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.sources.parallelPartitionDiscovery.parallelism": "8",
    "spark.databricks.delta.snapshotPartitions": "2",
    "spark.databricks.delta.properties.defaults.enableDeletionVectors": "false",
    "spark.databricks.delta.properties.defaults.deletedFileRetentionDuration": "interval 30 days",
    "spark.databricks.delta.properties.defaults.logRetentionDuration": "interval 60 days",
}


@dataclass(frozen=True)
class Address:
    """Where the server listens, and the token that it wants."""

    port: int
    token: str

    @property
    def remote(self) -> str:
        """The connection string; the host must be spelled `localhost` for a token without TLS."""
        return f"sc://localhost:{self.port}/;token={self.token}"


def server_address(home: Path) -> Address | None:
    """Give the address of the server of this home, running or not; nothing before its first start."""
    try:
        facts = json.loads((home / "spark" / "server.json").read_text())
        return Address(int(facts["port"]), (home / "spark" / "token").read_text())
    except FileNotFoundError:
        return None


class SparkServer:
    """Starts, checks and stops the server of one home."""

    def __init__(self, home: Path, *, port: int | None = None, memory: str = DEFAULT_MEMORY) -> None:
        self.home, self._port, self._memory = home, port, memory
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where the server's own output goes."""
        return self.home / "logs" / "spark.log"

    def command(self) -> list[str]:
        """Give the program that becomes the server; it writes its port and token first."""
        extra = ["--port", str(self._port)] if self._port else []
        return [
            sys.executable,
            "-m",
            "cdp_assets.lakehouse.server",
            str(self.home),
            "--memory",
            self._memory,
            *extra,
        ]

    def healthy(self) -> bool:
        """Say whether a server of this home answers on its port."""
        address = server_address(self.home)
        if address is None:
            return False
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", address.port), timeout=1):
            return True
        return False

    def start(self) -> None:
        """Start it and return when it answers; raises EngineError with the end of its log otherwise."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if self._written_by(self._process.pid) and self.healthy():
                return
            time.sleep(0.2)
        self.stop()
        tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])
        raise EngineError(
            f"Spark did not start within {START_TIMEOUT_S:.0f} s.\n{tail}\nExpected it to listen; see {self.log}."
        )

    def _written_by(self, pid: int) -> bool:
        with contextlib.suppress(FileNotFoundError, ValueError):
            return bool(json.loads((self.home / "spark" / "server.json").read_text())["pid"] == pid)
        return False

    def stop(self) -> None:
        """Stop the server that this object started, by its process id."""
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
    def pid(self) -> int:
        """The process id of the server that this object started."""
        if self._process is None:
            raise EngineError("the Spark server was not started here. Expected start() first.")
        return self._process.pid


def become_server(home: Path, *, port: int | None, memory: str) -> None:
    """Write port, token and settings, then replace this process by the server."""
    folder = home / "spark"
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    before = server_address(home)
    token = before.token if before else secrets.token_urlsafe(32)
    chosen = port or _free(before.port if before else 0)
    _private(folder / "token", token)
    settings = SETTINGS | {
        "spark.connect.grpc.binding.port": str(chosen),
        "spark.connect.authenticate.token": token,
        "spark.local.dir": str(folder / "tmp"),
    }
    _private(folder / "server.conf", "".join(f"{key} {value}\n" for key, value in settings.items()))
    facts = folder / "server.json"
    facts.with_suffix(".new").write_text(json.dumps({"port": chosen, "pid": os.getpid()}))
    os.replace(facts.with_suffix(".new"), facts)
    java = find_java()
    os.chdir(folder)
    os.environ.pop("SPARK_REMOTE", None)
    os.execv(java, list(_java_command(java, home, folder, memory)))


def _java_command(java: Path, home: Path, folder: Path, memory: str) -> Iterator[str]:
    yield str(java)
    yield "-XX:+IgnoreUnrecognizedVMOptions"
    for package in OPENED:
        yield f"--add-opens=java.base/{package}=ALL-UNNAMED"
    yield "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED"
    yield "-Djdk.reflect.useDirectMethodHandle=false"
    yield "-Dio.netty.tryReflectionSetAccessible=true"
    yield f"-Djava.io.tmpdir={folder / 'tmp'}"
    yield f"-Xmx{memory}"
    yield from ("-cp", f"{jars.spark_jars()}/*:{home / 'jars'}/*")
    yield from ("org.apache.spark.deploy.SparkSubmit", "--properties-file", str(folder / "server.conf"))
    yield from ("--class", MAIN, "spark-internal")


def _free(preferred: int) -> int:
    """Give the preferred port when nothing listens there, else a free one."""
    for port in (preferred, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise EngineError("no free port on loopback. Expected one.")


def _private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    os.replace(new, path)


def main() -> None:
    """Read the arguments and become the server."""
    import argparse

    parser = argparse.ArgumentParser(description="Run the Spark Connect server of a home, in the foreground.")
    parser.add_argument("home", type=Path)
    parser.add_argument("--port", type=int)
    parser.add_argument("--memory", default=DEFAULT_MEMORY)
    arguments = parser.parse_args()
    become_server(arguments.home, port=arguments.port, memory=arguments.memory)


if __name__ == "__main__":
    main()
