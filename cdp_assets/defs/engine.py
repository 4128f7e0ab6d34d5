"""What work needs around it: Dagster's settings, and a Spark server, of `cdp up` or of its own for the while."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator

from cdp_assets.home import REPOSITORY, Home


def prepare(home: Home) -> None:
    """Make the home's folders and Dagster's settings in it; with CDP_PG_HOST, Dagster stores on Postgres."""
    home.make()
    names = ["dagster.yaml", *(["dagster.postgres.yaml"] if os.environ.get("CDP_PG_HOST") else [])]
    settings = "\n".join((REPOSITORY / "infra" / name).read_text() for name in names)
    target = home.dagster / "dagster.yaml"
    if not target.exists() or target.read_text() != settings:
        target.write_text(settings)


def to_stderr(line: str) -> None:
    """Print a line of progress beside a command's output."""
    sys.stderr.write(f"{line}\n")


@contextlib.contextmanager
def spark_server(home: Home, say: Callable[[str], None] = to_stderr) -> Iterator[None]:
    """Hold a healthy Spark server open; start and stop one only where none is running."""
    from cdp_assets.lakehouse.server import SparkServer

    server = SparkServer(home.root)
    if server.healthy():
        yield
        return
    say("Starting Spark (about 10 s) …")
    server.start(say)
    try:
        yield
    finally:
        server.stop()
