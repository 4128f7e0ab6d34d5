"""The Spark server that a command uses: the one that `cdp up` runs, else one of its own for the while."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import click

from cdp_assets.home import REPOSITORY, Home


def prepare(home: Home) -> None:
    """Make the home's folders and Dagster's settings in it; with CDP_PG_HOST, Dagster stores on Postgres."""
    home.make()
    names = ["dagster.yaml", *(["dagster.postgres.yaml"] if os.environ.get("CDP_PG_HOST") else [])]
    settings = "\n".join((REPOSITORY / "infra" / name).read_text() for name in names)
    target = home.dagster / "dagster.yaml"
    if not target.exists() or target.read_text() != settings:
        target.write_text(settings)


@contextlib.contextmanager
def spark_server(home: Home) -> Iterator[None]:
    """Hold a healthy Spark server open; start and stop one only where none is running."""
    from cdp_assets.lakehouse.server import SparkServer

    server = SparkServer(home.root)
    if server.healthy():
        yield
        return
    click.echo("Starting Spark (about 10 s) …", err=True)
    server.start(lambda line: click.echo(line, err=True))
    try:
        yield
    finally:
        server.stop()
