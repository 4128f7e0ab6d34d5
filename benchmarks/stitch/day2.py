"""How long the second day takes: one record of a hundred new or changed, resolved by itself against all anew."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.stitch.parts import Options, Part, Row
from benchmarks.stitch.runs import measured, targets
from benchmarks.stitch.sets import of_size
from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.keep import Stored, held
from cdp_assets.stitch import bare_file
from cdp_assets.stitch.child import AROUND, FIGURES, READY, Tables, stitch_in_child
from cdp_assets.stitch.given import Given

ABOUT = (
    "1 % of the records new or changed: from records to ids (resolution), that with what is made ready of the run "
    "before while the records are read, and as the asset does it, in a process of its own, with every table read and "
    "written; each against all records anew"
)
MOST_TIME, MOST_TIME_WRITTEN = 0.1, 1 / 3
NEW_EVERY, CHANGED_EVERY = 200, 200
KEYS, ID = ["datasource", "pk"], "amperity_id"
START = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
FIRST_DAY, NEWS, ANEW = "first", "auto", "learn"


def measure(options: Options) -> Part:
    """Time every size; good where the news take little and whoever has the same records has the same id."""
    rows = [_row(size) for size in options.sizes]
    good = (
        row["ratio"] <= MOST_TIME and row["ratio_written"] <= MOST_TIME_WRITTEN and row["ids_moved"] == 0
        for row in rows
    )
    return Part(ABOUT, rows, good=all(good))


def _row(size: int) -> Row:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_days(of_size(size), folder)
        for pace in (FIRST_DAY, NEWS, ANEW):
            print(f"{size:,} records, {pace} …", file=sys.stderr, flush=True)
            os.sync()  # or it waits for the disk that the one before keeps busy
            measured([sys.executable, "-m", "benchmarks.stitch.day2", name, pace])
        news, anew = (json.loads((folder / f"{pace}.json").read_text()) for pace in (NEWS, ANEW))
        moved = _moved(folder)
    row: Row = {"records": size, "pace": news["pace"], "seconds": news["resolved"], "anew_seconds": anew["resolved"]}
    row |= {"ratio": round(news["resolved"] / anew["resolved"], 3), "ready_seconds": news["ready"]}
    row |= {"ratio_with_ready": round((news["ready"] + news["resolved"]) / (anew["ready"] + anew["resolved"]), 3)}
    row |= {"written_seconds": news["written"], "anew_written_seconds": anew["written"]}
    return row | {"ratio_written": round(news["written"] / anew["written"], 3), "ids_moved": moved}


def _write_days(source: Path, folder: Path) -> None:
    """Leave out every 200th record on the first day; give every other 200th another phone on the second."""
    records = bare_file.read(source).records
    at = pl.int_range(pl.len())
    is_changed = at % CHANGED_EVERY == CHANGED_EVERY // 2
    phone = pl.when(is_changed).then(pl.format("206{}", 2_000_000 + at)).otherwise("phone")
    records.filter(at % NEW_EVERY != 0).write_parquet(folder / f"{FIRST_DAY}.parquet")
    records.with_columns(phone=phone).write_parquet(folder / "second.parquet")


def _moved(folder: Path) -> int:
    """Count the records of people with the same records on both days whose id is another."""
    members = pl.struct(KEYS).hash().sum().over(ID)
    days = [pl.read_parquet(folder / f"{pace}_ids.parquet").with_columns(members=members) for pace in (FIRST_DAY, NEWS)]
    both = days[0].join(days[1], on=KEYS, suffix="_after").filter(pl.col("members") == pl.col("members_after"))
    return int((both[ID] != both[f"{ID}_after"]).sum())


def _run(folder: Path, pace: str) -> None:
    """Have a day resolved and its tables written, as the asset does.

    Notes the seconds from records to ids, those that make the run before ready, and those of all together until every
    table is written; not those of the figures that the operator's page shows.
    """
    day = folder / (f"{FIRST_DAY}.parquet" if pace == FIRST_DAY else "second.parquet")
    started = time.monotonic()
    found = stitch_in_child(partial(pl.read_parquet, day), Stitch(), _given(pace), _tables(folder / "lake", pace))
    taken = found.report.seconds
    written = time.monotonic() - started - taken[FIGURES]
    resolved = sum(seconds for stage, seconds in taken.items() if stage not in ("tables", *AROUND))
    seconds = {"resolved": round(resolved, 2), "ready": round(taken[READY], 2), "written": round(written, 2)}
    (folder / f"{pace}.json").write_text(json.dumps(seconds | {"pace": found.report.pace}))
    ids = held(Stored(folder / "lake" / "stitch_ids", found.versions["stitch_ids"]))
    ids.write_parquet(folder / f"{pace}_ids.parquet")


def _given(pace: str) -> Given:
    at = START if pace == FIRST_DAY else START + dt.timedelta(days=1)
    how: Any = ANEW if pace == ANEW else "auto"
    return Given(key=b"k" * 32, run_id=pace, at=at, pace=how)


def _tables(lake: Path, pace: str) -> Tables:
    """Give the tables of the first day as those of the run before, unless this is that."""
    before = {} if pace == FIRST_DAY else {path.name: Stored(path, 0) for path in sorted(lake.iterdir())}
    return Tables(before, targets(lake, 0 if before else None, pace))


def main() -> None:
    """Do the timed part: in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("pace", choices=(FIRST_DAY, NEWS, ANEW))
    asked = parser.parse_args()
    _run(asked.folder, asked.pace)


if __name__ == "__main__":
    main()
