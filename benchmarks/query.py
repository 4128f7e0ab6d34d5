"""How long a small query takes whoever asks it again and again, and which part of that is the engine's own floor.

    python -m benchmarks.query [--runs 20] [--home FOLDER]

Asks small Presto queries of what a home has published (`./cdp demo` makes one), in one process with a warm session:
the whole way that `cdp query run` goes, its history included, and beside it `SELECT 1` in the same session. Ends with
1 when the median is above a second.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from cdp_assets.defs.engine import spark_server
from cdp_assets.environments.asking import asking, head, hidden, question
from cdp_assets.home import Home
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.names import PRODUCTION
from cdp_assets.state.database import State

TARGET_S = 1.0
ROWS = 100
QUERIES = (
    "SELECT COUNT(*) AS people FROM customer_360",
    "SELECT state, COUNT(*) AS people FROM customer_360 GROUP BY state ORDER BY people DESC",
    "SELECT email, lifetime_order_revenue FROM customer_360 WHERE lifetime_order_revenue > 500 LIMIT 10",
    "SELECT a.historical_purchaser_lifecycle_status AS status, SUM(c.lifetime_order_revenue) AS revenue "
    "FROM customer_360 AS c JOIN customer_attributes AS a ON a.amperity_id = c.amperity_id GROUP BY 1",
    "lifecycle_summary",
    "high_value_customers",
)


def main() -> None:
    """Time every query, and say what the median is beside the floor."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20, help="how often each query is asked once it is warm")
    parser.add_argument("--home", type=Path, help="a home with published data; that of CDP_HOME unless given")
    arguments = parser.parse_args()
    home = Home(arguments.home) if arguments.home else Home.locate()
    state, lake = State.open(home.state), Lake(home.lake, SparkSessions.for_home(home.root))
    with spark_server(home):
        floor = _timed(lambda: lake.sessions.run(lambda: lake.frame("SELECT 1").toArrow()), arguments.runs)
        medians = [_told(text, _timed(_asked(state, lake, text), arguments.runs)) for text in QUERIES]
    median = statistics.median(medians)
    print(f"{'SELECT 1, the floor':<70} {statistics.median(floor):7.3f} s")
    print(f"{'median of all':<70} {median:7.3f} s, {'ok' if median < TARGET_S else 'missed'}")
    sys.exit(0 if median < TARGET_S else 1)


def _asked(state: State, lake: Lake, text: str) -> Callable[[], object]:
    def ask() -> object:
        asks = question(state, text, environment=PRODUCTION, database="customer_360")
        with asking(state, lake, asks, "benchmark", "preview") as asked:
            found = head(lake, asks, asked, ROWS)
        return hidden(lake, asks, found.column_names)

    return ask


def _timed(work: Callable[[], object], runs: int) -> list[float]:
    """Do work twice unseen, then time it."""
    seconds = []
    for _ in range(runs + 2):
        started = time.monotonic()
        work()
        seconds.append(time.monotonic() - started)
    return seconds[2:]


def _told(text: str, seconds: list[float]) -> float:
    median = statistics.median(seconds)
    print(f"{text[:70]:<70} {median:7.3f} s  ({min(seconds):.3f} to {max(seconds):.3f})", flush=True)
    return median


if __name__ == "__main__":
    main()
