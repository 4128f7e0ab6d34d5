"""Runs a program to its end and says what it took."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.stitch.metrics import Agreement, agreement
from benchmarks.stitch.sets import truth
from cdp_assets.config.catalog import STITCH_TABLES
from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse.keep import Target


@dataclass(frozen=True)
class Used:
    """What a process took: seconds on the clock and of its processors, and memory at most."""

    seconds: float
    cpu_seconds: float
    memory_mb: int


def measured(command: list[str]) -> Used:
    """Run a command from the repository; its own output goes to our stderr. Raises where it fails."""
    started = time.monotonic()
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    process = subprocess.Popen(command, env=environment, stdout=sys.stderr, cwd=REPOSITORY)
    _, status, usage = os.wait4(process.pid, 0)  # the memory of this process alone, not of the largest child so far
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Used(time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024)


def targets(lake: Path, at: int | None, by: str) -> dict[str, Target]:
    """Give where every table of Stitch is to be written, each beside the others in a folder."""
    names = [table.name for table in STITCH_TABLES]
    return {name: Target(lake / name, at, f"{by}:{name}") for name in names}


def stitched(source: Path, target: Path, *words: str) -> Used:
    """Resolve a file as `cdp stitch file` does, in a process of its own."""
    command = [sys.executable, "-m", "cdp_assets.cli.main", "stitch", "file", str(source), str(target)]
    return measured([*command, "--overwrite", *words])


def quality(source: Path) -> tuple[Agreement, Used]:
    """Resolve a labelled file with default settings and compare with the truth."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "ids.parquet"
        used = stitched(source, target)
        return agreement(pl.read_parquet(target)["amperity_id"], truth(source)), used
