"""How long a domain table in Delta to every output table of Stitch in Delta takes, beside the resolution alone."""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import polars as pl

from benchmarks.stitch.parts import Options, Part, Row
from benchmarks.stitch.runs import Used, measured, stitched, targets
from benchmarks.stitch.sets import of_size
from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse import delta
from cdp_assets.stitch.child import Tables, stitch_in_child
from cdp_assets.stitch.given import Given

ABOUT = "a domain table in Delta to every output table in Delta, against a bare file to its ids"
MOST_TIMES = 3.0
DOMAIN, OUTPUT = "domain", "output"


def measure(options: Options) -> Part:
    """Time every size; good where all tables take at most three times as long as the ids alone."""
    rows = [_row(size, options) for size in options.sizes]
    return Part(ABOUT, rows, good=all(row["ratio"] <= MOST_TIMES for row in rows))


def _row(size: int, options: Options) -> Row:
    alone: list[Used] = []
    whole: list[Used] = []
    with tempfile.TemporaryDirectory() as name:
        folder, source = Path(name), of_size(size)
        _write_domain(source, folder)
        for turn in range(options.repeats):
            print(f"{size:,} records, run {turn + 1} …", file=sys.stderr, flush=True)
            alone.append(stitched(source, folder / "ids.parquet"))
            whole.append(measured([sys.executable, "-m", "benchmarks.stitch.tables", name, f"run-{turn}"]))
        written = sorted(path.name for path in (folder / OUTPUT).iterdir())
    seconds, ids_alone = (statistics.median(run.seconds for run in runs) for runs in (whole, alone))
    row: Row = {"records": size, "seconds": round(seconds, 1), "ids_seconds": round(ids_alone, 1)}
    return row | {"ratio": round(seconds / ids_alone, 2), "tables": len(written)}


def _write_domain(source: Path, folder: Path) -> None:
    records = pl.read_parquet(source).rename({"source": "datasource", "record_id": "pk"})
    texts = records.drop("entity_id", "household_id").cast(pl.String)
    delta.overwrite(folder / DOMAIN, texts.to_arrow(), "load")


def _resolve(folder: Path, load: str) -> None:
    """Read the domain table, resolve in a child as the asset does, and write every table."""
    tables = Tables({}, targets(folder / OUTPUT, None, load))
    stitch_in_child(lambda: pl.DataFrame(delta.read(folder / DOMAIN)), Stitch(), Given(key=b"k" * 32), tables)


def main() -> None:
    """Do the timed part: in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("load")
    asked = parser.parse_args()
    _resolve(asked.folder, asked.load)


if __name__ == "__main__":
    main()
