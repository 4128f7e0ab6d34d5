"""What becomes the Spark server: `python -m cdp_assets.lakehouse.server_process HOME`, which keeps its process id."""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import secrets
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from cdp_assets.errors import EngineError
from cdp_assets.lakehouse import jars
from cdp_assets.lakehouse.address import Address, server_address, write_address, write_private
from cdp_assets.lakehouse.java import find_java

DEFAULT_MEMORY = "3g"
ALREADY_RUNNING = 75
"""The exit status that says: another server of this home runs."""
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
LOGGING = r"""
rootLogger.level = warn
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.alwaysWriteExceptions = false
appender.stderr.layout.pattern = %d %p %c: %replace{%m%n%xEx}{(?s)((?:Exception|Error|\[[A-Z][A-Z0-9_.]+\])):? [^\n].*?(?=\n\tat |\z)}{$1 (text withheld)}
"""  # noqa: E501 - one line in this format
"""Spark's messages after a condition or an exception's name may quote a row, so the log keeps frames and no text."""


def become_server(home: Path, *, jars_folder: Path, port: int | None, memory: str) -> None:
    """Write port, token and settings, then replace this process by the server.

    Raises SystemExit(ALREADY_RUNNING) when another process serves this home: the lock is held for the process's
    whole life, and the kernel frees it also after `kill -9`.
    """
    folder = home / "spark"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _lock(folder / "lock")
    jars.fetch(jars_folder, lambda text: print(text, file=sys.stderr, flush=True))  # noqa: T201 - its log
    shutil.rmtree(folder / "tmp", ignore_errors=True)  # what a killed server left
    (folder / "tmp").mkdir()
    before = server_address(home)
    token = before.token if before else secrets.token_urlsafe(32)
    chosen = port or _free(before.port if before else 0)
    settings = SETTINGS | {
        "spark.connect.grpc.binding.port": str(chosen),
        "spark.connect.authenticate.token": token,
        "spark.local.dir": str(folder / "tmp"),
    }
    write_private(folder / "server.conf", "".join(f"{key} {value}\n" for key, value in settings.items()))
    write_private(folder / "log4j2.properties", LOGGING)
    write_address(home, Address(chosen, token, os.getpid()))
    java = find_java()
    os.chdir(folder)
    os.execve(java, list(_java_command(java, jars_folder, folder, memory)), _environment())


def _environment() -> dict[str, str]:
    """Give the environment without another Spark's settings; Python workers are this Python."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("SPARK_", "PYSPARK_"))}
    return kept | {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}


def _java_command(java: Path, jars_folder: Path, folder: Path, memory: str) -> Iterator[str]:
    yield str(java)
    yield "-XX:+IgnoreUnrecognizedVMOptions"
    for package in OPENED:
        yield f"--add-opens=java.base/{package}=ALL-UNNAMED"
    yield "--add-opens=java.security.jgss/sun.security.krb5=ALL-UNNAMED"
    yield "-Djdk.reflect.useDirectMethodHandle=false"
    yield "-Dio.netty.tryReflectionSetAccessible=true"
    yield f"-Djava.io.tmpdir={folder / 'tmp'}"
    yield f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}"
    yield f"-Xmx{memory}"
    yield from ("-cp", f"{jars.spark_jars()}/*:{jars_folder}/*")
    yield from ("org.apache.spark.deploy.SparkSubmit", "--properties-file", str(folder / "server.conf"))
    yield from ("--class", MAIN, "spark-internal")


def _lock(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(descriptor, True)  # so that Java goes on holding it
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(ALREADY_RUNNING)


def _free(preferred: int) -> int:
    """Give the preferred port when nothing listens there, else a free one."""
    for port in (preferred, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise EngineError("No free port on loopback. Expected one.")


def main() -> None:
    """Read the arguments and become the server."""
    parser = argparse.ArgumentParser(description="Run the Spark Connect server of a home, in the foreground.")
    parser.add_argument("home", type=Path)
    parser.add_argument("--jars", type=Path, help="Default: jars/ in the home.")
    parser.add_argument("--port", type=int, help="Default: the last one, else a free one.")
    parser.add_argument("--memory", default=DEFAULT_MEMORY)
    arguments = parser.parse_args()
    home = arguments.home.resolve()
    try:
        become_server(home, jars_folder=arguments.jars or home / "jars", port=arguments.port, memory=arguments.memory)
    except EngineError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
