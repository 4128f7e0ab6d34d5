"""Keeps what a long piece of Spark work has reached, stage by stage, in a folder of the lake that ends with it.

Over Connect there is no checkpoint: a plan that grows through twenty steps is planned again at each look. A stage is
written once, read by whoever needs it, and a session that is lost costs one stage and not all of them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from cdp_assets.lakehouse.kernels import send_kernels
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions

FOLDER = ".stages"
Make = Callable[[], DataFrame]


@dataclass(frozen=True)
class Stages:
    """Named frames in one temporary folder: `folder` for the files, `sessions` for the work."""

    folder: Path
    sessions: SparkSessions

    def session(self) -> SparkSession:
        """Give a session whose workers know this package. Belongs inside `keep` or `answer`."""
        session = self.sessions.session()
        send_kernels(session)
        return session

    def keep(self, name: str, make: Make) -> None:
        """Write a frame as a stage; one that is there is replaced."""
        self.sessions.run(lambda: make().write.mode("overwrite").parquet(str(self.folder / name)))

    def read(self, name: str) -> DataFrame:
        """Give a stage as a frame. Belongs inside `keep` or `answer`."""
        return self.session().read.parquet(str(self.folder / name))

    def answer(self, make: Make) -> pa.Table:
        """Give a small frame's rows here: counts and sums, never records."""
        return self.sessions.run(lambda: make().toArrow())

    def rename(self, name: str, new: str) -> None:
        """Call a stage by another name, in which there is none yet."""
        (self.folder / name).rename(self.folder / new)

    def drop(self, name: str) -> None:
        """Remove a stage that nobody reads any more."""
        shutil.rmtree(self.folder / name, ignore_errors=True)

    def size_bytes(self, name: str) -> int:
        """Give the bytes of a stage's files."""
        return sum(path.stat().st_size for path in (self.folder / name).glob("*.parquet"))


@contextmanager
def stages_of(lake: Lake) -> Iterator[Stages]:
    """Give an empty folder of stages below the lake's root, and remove it in the end."""
    root = lake.root / FOLDER
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, ignore_cleanup_errors=True) as folder:
        yield Stages(Path(folder), lake.sessions)
