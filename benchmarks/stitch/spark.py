"""What Stitch takes in Spark, stage by stage, and whether it finds the people of one process."""

from __future__ import annotations

import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import psutil

from benchmarks.stitch.parts import Options, Part, Row
from benchmarks.stitch.runs import stitched
from benchmarks.stitch.sets import of_size
from cdp_assets.config.stitch import Stitch
from cdp_assets.home import Home
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.stages import stages_of
from cdp_assets.stitch import bare_file
from cdp_assets.stitch.spark.ids import GIVEN, keep_ids, parts_of

ABOUT = (
    "records to their ids in a local server; a row per stage with the bytes that it keeps, then the whole with the "
    "bytes of shuffles (at least), and the memory and processor seconds of server and workers"
)
KEY = b"cdp stitch file"
MEGABYTE = 1e6


@dataclass
class Watch(threading.Thread):
    """Looks at a server each second: the memory of its processes, and what it writes for shuffles."""

    pid: int
    folder: Path
    memory: float = 0.0
    cpu_seconds: float = 0.0
    shuffled: float = 0.0
    ended: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        """Look until told to end."""
        before = 0
        while not self.ended.wait(1.0):
            size = sum(path.stat().st_size for path in self.folder.rglob("shuffle_*") if path.exists())
            self.shuffled += max(size - before, 0)
            before = size
            memory, cpu_seconds = _used(self.pid)
            self.memory, self.cpu_seconds = max(self.memory, memory), max(self.cpu_seconds, cpu_seconds)


def _used(pid: int) -> tuple[float, float]:
    """Give the bytes of a process and its children, and their processor seconds, those of ended ones too.

    Pages that several share count once for each.
    """
    server = psutil.Process(pid)
    memory = cpu_seconds = 0.0
    for process in (server, *server.children(recursive=True)):
        try:
            memory, cpu_seconds = memory + process.memory_info().rss, cpu_seconds + sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return memory, cpu_seconds


def measure(options: Options) -> Part:
    """Resolve every size in Spark and in one process; good where both find the same people."""
    rows = [row for size in options.sizes for row in _rows(size)]
    return Part(ABOUT, rows, good=all(row.get("same", True) for row in rows))


def _rows(size: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as name:
        target = Path(name) / "out.parquet"
        found, rows = _in_spark(of_size(size), Path(name) / "home", size)
        stitched(of_size(size), target)
        one = pl.read_parquet(target).select(pl.col("source").cast(pl.String), "record_id", alone="amperity_id")
        both = found.join(one, left_on=["datasource", "pk"], right_on=["source", "record_id"])
        same = both.height == size and bool((both["amperity_id"] == both["alone"]).all())
        rows[-1]["same"] = same
    return rows


def _in_spark(source: Path, home: Path, size: int) -> tuple[pl.DataFrame, list[Row]]:
    server = SparkServer(home, jars_folder=Home.locate().root / "jars")
    server.start(print)
    assert server.pid is not None
    watch = Watch(server.pid, home / "spark" / "tmp")
    watch.start()
    try:
        with stages_of(Lake(home / "lake", SparkSessions.for_home(home)), parts_of(size)) as stages:
            bare_file.read(source).records.write_parquet(stages.folder / GIVEN)
            started = time.monotonic()
            pairs = keep_ids(stages, lambda: stages.read(GIVEN), Stitch(), KEY)
            seconds = time.monotonic() - started
            found = pl.DataFrame(stages.answer(lambda: stages.read("ids")))
            rows: list[Row] = [
                {"records": size, "stage": name, "seconds": round(one.seconds, 1), "kept_mb": one.size_bytes / MEGABYTE}
                for name, one in stages.measures.items()
            ]
    finally:
        watch.ended.set()
        watch.join()
        server.stop()
    whole = {"records": size, "stage": "all", "seconds": round(seconds, 1), "pairs": pairs}
    kept = sum(row["kept_mb"] for row in rows)
    return found, [
        *rows,
        whole
        | {"kept_mb": kept, "shuffle_mb": watch.shuffled / 1e6, "memory_mb": watch.memory / 1e6}
        | {"cpu_seconds": round(watch.cpu_seconds)},
    ]
