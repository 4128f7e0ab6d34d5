"""How quickly a large CSV goes from a folder to a committed domain table.

    python -m benchmarks.courier [--mb 250]

The file holds text, dates, times, decimals and whole numbers; 2 % of its keys are repeats and 0.2 % of its rows are
bad. Prints MB/s for landing and loading, the memory of the process that did it, and polars reading the same file with
the same types beside it; checks the table against a count made while the file was written.
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed
from cdp_assets.exchange.locations import open_location
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION
from cdp_assets.sources.landing import land
from cdp_assets.sources.load import load_pending
from cdp_assets.state import environments
from cdp_assets.state.database import State

AIM_MB_S, MOST_MEMORY_MB = 40.0, 1024
REPEATED, BAD = 0.02, 0.002
BATCH_ROWS = 100_000
FEED = Feed.model_validate(
    {
        "source": "shop",
        "name": "orders",
        "fields": [
            {"name": "order_id", "required": True},
            {"name": "email"},
            {"name": "comment"},
            {"name": "ordered_at", "type": "datetime"},
            {"name": "birthdate", "type": "date"},
            {"name": "revenue", "type": "decimal", "scale": 2},
            {"name": "discount", "type": "decimal", "scale": 2},
            {"name": "quantity", "type": "integer"},
            {"name": "is_return", "type": "boolean"},
        ],
        "primary_key": ["order_id"],
        "last_updated": "ordered_at",
    }
)
COURIER = Courier.model_validate(
    {
        "name": "orders",
        "location": {"kind": "local", "path": "orders"},
        "files": [{"tag": "orders", "pattern": "'orders_'yyyy'_'MM'_'dd'.csv'", "format": {"kind": "csv"}}],
        "load": [{"feed": "shop_orders", "file": "orders"}],
    }
)


def make_file(path: Path, size_mb: int) -> int:
    """Write the file and give how many rows its table must have: distinct keys of good rows."""
    draw = np.random.default_rng(7)
    keys: list[np.ndarray] = []
    start = 0
    with path.open("wb") as file:
        while file.tell() < size_mb * 1_000_000:
            batch, good = _batch(draw, start)
            batch.write_csv(file, include_header=start == 0)
            keys.append(batch["order_id"].to_numpy()[good])
            start += BATCH_ROWS
    return int(pl.Series(np.concatenate(keys)).n_unique())


def _batch(draw: np.random.Generator, start: int) -> tuple[pl.DataFrame, np.ndarray]:
    number = np.arange(start, start + BATCH_ROWS)
    repeated = draw.random(BATCH_ROWS) < REPEATED
    number = np.where(repeated, draw.integers(0, start + BATCH_ROWS, BATCH_ROWS), number)
    bad = draw.random(BATCH_ROWS) < BAD
    seconds = draw.integers(1_600_000_000, 1_790_000_000, BATCH_ROWS)
    days = draw.integers(-10_000, 14_000, BATCH_ROWS)
    cents = draw.integers(0, 1_000_000, BATCH_ROWS)
    frame = pl.DataFrame({"number": number, "seconds": seconds, "days": days, "cents": cents, "bad": bad}).select(
        order_id=pl.format("O{}", pl.col("number").cast(pl.String).str.zfill(10)),
        email=pl.format("person{}@mail{}.example", pl.col("number") * 7 % 1_000_003, pl.col("number") % 97),
        comment=pl.format("note {} of the customer, with a comma", pl.col("cents")),
        ordered_at=pl.from_epoch("seconds").dt.to_string("%Y-%m-%d %H:%M:%S"),
        birthdate=pl.when("bad")
        .then(pl.lit("not a date"))
        .otherwise(pl.col("days").cast(pl.Date).dt.to_string("%Y-%m-%d")),
        revenue=(pl.col("cents") / 100).round(2).cast(pl.String),
        discount=(pl.col("cents") % 500 / 100).round(2).cast(pl.String),
        quantity=pl.col("cents") % 9,
        is_return=pl.when(pl.col("cents") % 10 == 0).then(pl.lit("true")).otherwise(pl.lit("false")),
    )
    return frame, ~bad


def measured(folder: Path) -> None:
    """Land and load the file in this process; print seconds and memory as JSON."""
    state = State.open(str(folder / "state.db"))
    with state.write() as conn:
        environments.get_or_create(conn, PRODUCTION)
    started = time.monotonic()
    location = open_location(COURIER.location, folder / "drop")
    land(COURIER, location, state=state, lake_root=folder / "lake", environment=PRODUCTION)
    landed = time.monotonic()
    results = load_pending(
        FEED,
        COURIER,
        state=state,
        lake_root=folder / "lake",
        environment=PRODUCTION,
        landing_environment=PRODUCTION,
        table_path="production/domain/shop_orders/x",
    )
    loaded = time.monotonic()
    facts = {
        "landing_s": landed - started,
        "loading_s": loaded - landed,
        "memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "rows": delta.count(folder / "lake" / "production/domain/shop_orders/x"),
        "rejected": results[0].rows_rejected,
    }
    print(json.dumps(facts))


def polars_seconds(path: Path) -> float:
    """Give how long polars takes to read the same file into the same types, without keys, checks or a table."""
    started = time.monotonic()
    frame = pl.read_csv(path, infer_schema=False)
    frame.select(
        "order_id",
        "email",
        "comment",
        pl.col("ordered_at").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False),
        pl.col("birthdate").str.to_date("%Y-%m-%d", strict=False),
        pl.col("revenue").cast(pl.Decimal(38, 2)),
        pl.col("discount").cast(pl.Decimal(38, 2)),
        pl.col("quantity").cast(pl.Int64),
        pl.col("is_return") == "true",
    )
    return time.monotonic() - started


def main() -> None:
    """Make the file, time a child process over it, print the figures; exit with 1 below the aim."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=int, default=250, help="size of the file")
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        measured(arguments.measure)
        return
    folder = Path(tempfile.mkdtemp(prefix="courier_"))
    try:
        path = folder / "drop" / "orders" / "orders_2026_11_20.csv"
        path.parent.mkdir(parents=True)
        expected = make_file(path, arguments.mb)
        size_mb = path.stat().st_size / 1e6
        command = [sys.executable, "-m", "benchmarks.courier", "--measure", str(folder)]
        facts = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        beside = polars_seconds(path)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = facts["landing_s"] + facts["loading_s"]
    print(f"file               {size_mb:8.0f} MB, {facts['rejected']:,} bad rows")
    print(f"landing            {facts['landing_s']:8.2f} s  {size_mb / facts['landing_s']:6.0f} MB/s")
    print(f"loading            {facts['loading_s']:8.2f} s  {size_mb / facts['loading_s']:6.0f} MB/s")
    print(f"folder to table    {seconds:8.2f} s  {size_mb / seconds:6.0f} MB/s (aim: {AIM_MB_S:.0f})")
    print(f"polars, read only  {beside:8.2f} s  {size_mb / beside:6.0f} MB/s")
    print(f"memory             {facts['memory_mb']:8.0f} MB (at most {MOST_MEMORY_MB})")
    print(f"rows in the table  {facts['rows']:,}, expected {expected:,}")
    right = facts["rows"] == expected and facts["memory_mb"] < MOST_MEMORY_MB and size_mb / seconds >= AIM_MB_S
    sys.exit(0 if right else 1)


if __name__ == "__main__":
    main()
