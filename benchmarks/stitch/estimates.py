"""Whether what `cdp stitch estimate` says beforehand is what a run takes."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.stitch.parts import Options, Part, Row
from benchmarks.stitch.runs import stitched
from benchmarks.stitch.sets import of_size
from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch import bare_file
from cdp_assets.stitch.estimate import counts_of, estimate
from cdp_assets.stitch.given import Given

ABOUT = "what is said before a bare file is resolved, and what that took"
MOST_RATIO = 2.0


def measure(options: Options) -> Part:
    """Compare for every size; good where the memory is right within a factor of two."""
    rows = [_row(size) for size in options.sizes]
    return Part(ABOUT, rows, good=all(1 / MOST_RATIO <= row["memory_ratio"] <= MOST_RATIO for row in rows))


def _row(size: int) -> Row:
    source = of_size(size)
    with tempfile.TemporaryDirectory() as name:
        used = stitched(source, Path(name) / "out.parquet")
    counts = counts_of(bare_file.read(source).records, Stitch(), Given(key=b""))
    said = estimate(counts, "one process", tables=False)
    memory_mb = said.memory_bytes // 2**20
    return {
        "records": size,
        "pairs": said.counts.pairs,
        "said_seconds": round(said.total_s, 1),
        "seconds": round(used.seconds, 1),
        "said_memory_mb": memory_mb,
        "memory_mb": used.memory_mb,
        "memory_ratio": round(memory_mb / used.memory_mb, 2),
    }
