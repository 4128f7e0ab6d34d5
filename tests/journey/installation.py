"""A whole installation in a temporary folder, used as its user uses it."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import polars as pl

from cdp_assets.cli import demo
from cdp_assets.defs.engine import prepare
from cdp_assets.environments.runs import current_publication
from cdp_assets.hashing import sha256_of_file
from cdp_assets.home import Home
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state.database import State
from cdp_assets.state.publications import Publication

STITCH_IDS = TableName("stitch", "stitch_ids")
OF_THE_RUN = ("job_id", "run_id", "timestamp")
"""Columns by which a row names the run that wrote it; two installations never agree on them."""
DAYS = demo.DAYS


class Installation:
    """A home that uses the test session's Spark server."""

    def __init__(self, root: Path, server: SparkServer) -> None:
        self.home = Home(root)
        prepare(self.home)
        (root / "spark").symlink_to(server.home / "spark")
        self.state = State.open(self.home.state)

    def apply(self) -> None:
        """Activate the demo tenant."""
        demo.activate(self.home)

    def drop(self, day: dt.date) -> list[str]:
        """Put a day's files into the drop folder."""
        return demo.drop(day, self.home.drop(PRODUCTION))

    def run(self, day: dt.date) -> Publication:
        """Run the job `full` and give what it published."""
        demo.run_full(self.home, day)
        return self.publication()

    def publication(self) -> Publication:
        """Give what readers see now."""
        return current_publication(self.state, PRODUCTION)

    def table(self, name: TableName, publication: Publication | None = None) -> pl.DataFrame:
        """Read a published table."""
        entry = (publication or self.publication()).entry(name)
        return pl.DataFrame(delta.read(str(self.home.lake / entry.path), entry.version))

    def ids(self, publication: Publication | None = None) -> pl.DataFrame:
        """Give who is who: datasource, pk, amperity_id."""
        return self.table(STITCH_IDS, publication).select("datasource", "pk", "amperity_id")

    def delivered(self) -> dict[str, bytes]:
        """Give every delivered file's name and bytes."""
        outbox = self.home.outbox(PRODUCTION)
        return {str(path.relative_to(outbox)): path.read_bytes() for path in outbox.rglob("*") if path.is_file()}

    def production_files(self) -> dict[str, str]:
        """Give the SHA-256 of every file of production's lake."""
        lake = self.home.lake
        files = sorted(path for path in lake.rglob("*") if path.is_file() and PRODUCTION in path.parts)
        return {str(path.relative_to(lake)): sha256_of_file(path) for path in files}

    def copy_to(self, root: Path) -> Path:
        """Copy everything but Spark's address: a home that begins as this one is now."""
        shutil.copytree(
            self.home.root, root, ignore=lambda folder, _: {"spark"} if folder == str(self.home.root) else set()
        )
        return root


def comparable(installation: Installation, name: TableName, publication: Publication | None = None) -> pl.DataFrame:
    """Give a table's rows in one order, each person under the name of their smallest record.

    Two installations that saw the same records in another order give people other ids, and nothing else.
    """
    frame = installation.table(name, publication).drop(OF_THE_RUN, strict=False)
    first = pl.concat_str("datasource", "pk", separator="|").min()
    people = installation.ids(publication).group_by("amperity_id").agg(person=first)
    for column in {"amperity_id", "amperity_id1", "amperity_id2"}.intersection(frame.columns):
        named = frame.join(people, left_on=column, right_on="amperity_id", how="left")
        frame = named.with_columns(pl.col("person").alias(column)).drop("person")
    return frame.select(sorted(frame.columns)).sort(by=sorted(frame.columns), nulls_last=True)


def different_tables(one: Installation, other: Installation, published: Publication | None = None) -> list[str]:
    """Name the tables in which two installations differ, `other` as it was at one of its publications."""
    theirs = published or other.publication()
    names = sorted({*one.publication().entries, *theirs.entries})
    return [str(name) for name in names if not comparable(one, name).equals(comparable(other, name, theirs))]
