"""Keeps what a long piece of Spark work has reached, stage by stage, in a folder of the lake that ends with it.

Over Connect there is no checkpoint: a plan that grows through twenty steps is planned again at each look. A stage is
written once, read by whoever needs it, and a session that is lost costs one stage and not all of them.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from cdp_assets.errors import EngineUnreachableError
from cdp_assets.lakehouse.kernels import send_kernels
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions

logger = logging.getLogger(__name__)
FOLDER = ".stages"
ABANDONED_S = 2 * 24 * 3600.0
ROWS_PER_BATCH = 50_000
"""How many rows a function is given at once: enough that a call costs nothing, and a batch of pairs a few megabytes."""
Make = Callable[[], DataFrame]


@dataclass(frozen=True)
class Measure:
    """What a stage took, and the bytes of its files."""

    seconds: float
    size_bytes: int


@dataclass(frozen=True)
class Stages:
    """Named frames in one temporary folder: `folder` for the files, `sessions` for the work.

    parts: In how many parts rows are shuffled: so many that a worker's memory holds one.
    measures: Every stage that was kept, in order, also those that are gone.
    """

    folder: Path
    sessions: SparkSessions
    parts: int
    measures: dict[str, Measure] = field(default_factory=dict)

    def session(self) -> SparkSession:
        """Give a session whose workers know this package. Belongs inside `keep` or `answer`."""
        session = self.sessions.session()
        send_kernels(session)
        for name, value in _settings(self.parts).items():
            session.conf.set(name, value)
        return session

    def keep(self, name: str, make: Make) -> None:
        """Write a frame as a stage; one that is there is replaced."""
        started = time.monotonic()
        self.sessions.run(lambda: self._made(make).write.mode("overwrite").parquet(str(self.folder / name)))
        size_bytes = sum(path.stat().st_size for path in (self.folder / name).glob("*.parquet"))
        self.measures[name] = Measure(round(time.monotonic() - started, 3), size_bytes)
        logger.info("Stage %s: %d bytes in %.1f s", name, size_bytes, self.measures[name].seconds)

    def read(self, name: str) -> DataFrame:
        """Give a stage as a frame. Belongs inside `keep` or `answer`."""
        return self.session().read.parquet(str(self.folder / name))

    def answer(self, make: Make) -> pa.Table:
        """Give a frame's rows here: counts, sums and what else stays small however many records there are."""
        return self.sessions.run(lambda: self._made(make).toArrow())

    def _made(self, make: Make) -> DataFrame:
        """Give a frame in a session whose workers know this package, whatever the frame is made from."""
        self.session()
        return make()

    def rename(self, name: str, new: str) -> None:
        """Call a stage by another name, in which there is none yet."""
        (self.folder / name).rename(self.folder / new)

    def drop(self, name: str) -> None:
        """Remove a stage that nobody reads any more."""
        shutil.rmtree(self.folder / name, ignore_errors=True)


@contextmanager
def stages_of(lake: Lake, parts: int = 4) -> Iterator[Stages]:
    """Give an empty folder of stages below the lake's root, and remove it in the end."""
    root = lake.root / FOLDER
    root.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(root)
    before = lake.sessions.run(lambda: _told(lake.sessions.session()))
    with tempfile.TemporaryDirectory(dir=root, ignore_cleanup_errors=True) as folder:
        try:
            yield Stages(Path(folder), lake.sessions, parts)
        finally:
            with contextlib.suppress(EngineUnreachableError):
                lake.sessions.run(lambda: _tell(lake.sessions.session(), before), idempotent=False)


def _remove_abandoned(root: Path) -> None:
    """Remove what work that was killed has left; no stage takes that long."""
    oldest = time.time() - ABANDONED_S
    for folder in root.iterdir():
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _settings(parts: int) -> dict[str, str]:
    """Give what a session is told while it works on stages."""
    return {
        "spark.sql.shuffle.partitions": str(parts),
        "spark.sql.execution.arrow.maxRecordsPerBatch": str(ROWS_PER_BATCH),
    }


def _told(session: SparkSession) -> dict[str, str]:
    """Give what stages change, as it is: what a session forgets becomes Spark's default, not the server's."""
    return {name: str(session.conf.get(name)) for name in _settings(0)}


def _tell(session: SparkSession, settings: dict[str, str]) -> None:
    for name, value in settings.items():
        session.conf.set(name, value)
