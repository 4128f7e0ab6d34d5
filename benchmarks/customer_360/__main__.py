"""How long the customer 360 tables take: a full build, then one more day, beside the same sums in DuckDB.

    python -m benchmarks.customer_360 [--customers N] [--lines N] [--json] [--alone]

The day brings news for one in a thousand customers and lines, and moves the business date. It is made by what has
changed, then again as a whole in tables of its own: both must hold the same rows. Identities are given: a customer
number is a person. Exit status 1 when a table differs.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil

from benchmarks.customer_360.builds import LINES, World
from benchmarks.customer_360.data import Day, first_day, next_day, tenant
from benchmarks.peers import environment
from benchmarks.stitch.runs import measured
from cdp_assets.config.catalog import ATTRIBUTES, ITEMIZED, STITCH_IDS, TRANSACTIONS
from cdp_assets.home import Home
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.names import TableName

ORDERS = (str(ITEMIZED), str(TRANSACTIONS))
MEMORY = "3g"
"""What Spark is given."""


class MemoryWatch:
    """Notes the most memory that processes hold together while the block runs, in megabytes."""

    def __init__(self, *pids: int) -> None:
        self._processes, self._stop, self.most_mb = [psutil.Process(pid) for pid in pids], threading.Event(), 0

    def __enter__(self) -> MemoryWatch:
        """Begin to look, five times a second."""
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.2):
            held = sum(one.memory_info().rss for one in self._processes)
            self.most_mb = max(self.most_mb, held // 2**20)


def main() -> int:
    """Measure, print, and say whether both ways came to the same rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--alone", action="store_true", help="without DuckDB")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = SparkServer(Path(folder), jars_folder=Home.locate().root / "jars", memory=MEMORY)
        server.start(lambda text: print(text, file=sys.stderr))
        try:
            found = _measured(Path(folder), server, asked)
        finally:
            server.stop()
    print(json.dumps(found, indent=2) if asked.json else told(found))
    return 1 if found["different"] else 0


def _measured(folder: Path, server: SparkServer, asked: argparse.Namespace) -> dict[str, Any]:
    world = World(Lake(folder / "lake", SparkSessions.for_home(folder)), tenant())
    assert server.pid is not None
    with MemoryWatch(server.pid, psutil.Process().pid) as memory:
        first = first_day(world.tenant, asked.customers, asked.lines)
        world.receive(first)
        full = world.make(first)
        peer = None if asked.alone else _peer(folder, world, first)
        second = next_day(world.tenant, asked.customers, asked.lines)
        world.receive(second)
        day = world.make(second)
        contents = {name: world.content(TableName.parse(name)) for name in day}
        whole = world.make(second, into="whole/")
        different = [name for name in day if world.content(TableName.parse(name)) != contents[name]]
    sums = {"full": full, "day": day, "whole": whole}
    orders = {name: sum(seconds[table] for table in ORDERS) for name, seconds in sums.items()}
    totals = {name: round(sum(seconds.values()), 1) for name, seconds in sums.items()}
    three = sum(full[str(table)] for table in (ITEMIZED, TRANSACTIONS, ATTRIBUTES))
    return {
        "customers": asked.customers,
        "lines": asked.lines,
        "seconds": totals | {"orders_full": round(orders["whole"], 1), "orders_day": round(orders["day"], 1)},
        "orders_times_faster": round(orders["whole"] / orders["day"], 1),
        "day_times_faster": round(totals["whole"] / totals["day"], 1),
        "peer_seconds": peer,
        "times_the_peer": None if peer is None else round(three / peer, 1),
        "peak_memory_mb": memory.most_mb,
        "rows": {name: rows for name, (rows, _) in contents.items()},
        "tables": {name: {"full": full[name], "day": day[name], "whole": whole[name]} for name in day},
        "different": different,
    }


def _peer(folder: Path, world: World, day: Day) -> float:
    """Give the seconds that DuckDB takes from the same lines and ids, its start included."""
    (folder / "peer").mkdir()
    lines, ids = (str(Path(world.files(name)[0]).parent / "*.parquet") for name in (LINES, STITCH_IDS))
    started = time.monotonic()
    words = [lines, ids, day.date.isoformat(), str(folder / "peer")]
    measured([str(environment.python()), "-m", "benchmarks.peers.orders", *words])
    return round(time.monotonic() - started, 2)


def told(found: dict[str, Any]) -> str:
    """Give what was measured as text."""
    lines = [f"{'table':<48}{'full s':>9}{'a day s':>9}{'whole s':>9}{'rows':>12}"]
    for name, took in found["tables"].items():
        lines.append(f"{name:<48}{took['full']:>9}{took['day']:>9}{took['whole']:>9}{found['rows'][name]:>12,}")
    lines += [
        "",
        f"full build: {found['seconds']['full']} s; a day: {found['seconds']['day']} s, "
        f"{found['day_times_faster']} times as quick as a whole build of it",
        f"orders of that day: {found['seconds']['orders_day']} s, {found['orders_times_faster']} times as quick",
        f"memory of Spark and this process at most: {found['peak_memory_mb']} MB",
    ]
    if found["peer_seconds"] is not None:
        lines.append(f"DuckDB makes the three tables about orders in {found['peer_seconds']} s: ours take "
                     f"{found['times_the_peer']} times as long")  # fmt: skip
    lines.append(f"tables that differ: {', '.join(found['different']) or 'none'}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
