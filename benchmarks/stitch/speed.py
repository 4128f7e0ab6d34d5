"""How long raw columns to people take, and how much memory, beside the peer: whole processes, one after the other."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.stitch import peer
from benchmarks.stitch.parts import Options, Part, Row
from benchmarks.stitch.runs import Used, stitched
from benchmarks.stitch.sets import of_size

ABOUT = "a file of raw columns to a file of people, start-up and normalisation included, median of runs that alternate"
MOST_MEMORY_MB = 6 * 1024
MOST_MEMORY_LARGEST_MB = 12 * 1024
LARGEST = 5_000_000
"""From this size on the larger bound of memory holds."""


def measure(options: Options) -> Part:
    """Time every size; good where we are no slower than the peer, within the bound of memory."""
    rows = [_row(size, options) for size in options.sizes]
    return Part(ABOUT, rows, good=all(row.get("ratio", 0.0) <= 1.0 and _fits(row) for row in rows))


def _row(size: int, options: Options) -> Row:
    ours: list[Used] = []
    theirs: list[Used] = []
    with tempfile.TemporaryDirectory() as name:
        source, target = of_size(size), Path(name) / "out.parquet"
        for turn in range(options.repeats):
            print(f"{size:,} records, run {turn + 1} …", file=sys.stderr, flush=True)
            ours.append(stitched(source, target))
            if options.with_peer:
                theirs.append(peer.resolved("cdp", source, target))
    row: Row = {"records": size, **_middle(ours)}
    row["microseconds_per_record"] = round(1e6 * row["seconds"] / size, 1)
    if theirs:
        row |= {f"peer_{name}": value for name, value in _middle(theirs).items()}
        row["ratio"] = round(row["seconds"] / row["peer_seconds"], 2)
    return row


def _middle(runs: list[Used]) -> Row:
    """Give the medians of the times, and the most memory; on a busy machine the processors' time says more."""
    seconds, cpu = (
        round(statistics.median(getattr(run, name) for run in runs), 1) for name in ("seconds", "cpu_seconds")
    )
    return {"seconds": seconds, "cpu_seconds": cpu, "memory_mb": max(run.memory_mb for run in runs)}


def _fits(row: Row) -> bool:
    return bool(row["memory_mb"] < (MOST_MEMORY_LARGEST_MB if row["records"] >= LARGEST else MOST_MEMORY_MB))
