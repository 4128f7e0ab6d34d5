"""How long the main job takes, warm: from landed files to delivered exports, stage by stage.

    python -m benchmarks.main_job [--all]

Prints seconds and rows a second for each stage and asset, and how many Java processes the steps started.
Warm means: the environment is installed and Spark is up. The files are landed before the clock starts.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import dagster as dg
import psutil

from cdp_assets.cli import demo
from cdp_assets.defs.engine import prepare
from cdp_assets.defs.environment import environment_definitions
from cdp_assets.defs.platform import BUSINESS_DATE_TAG
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.names import PRODUCTION

TARGET_S = 120.0


class JavaWatch:
    """Counts Java processes that begin below this process while the block runs."""

    def __init__(self, server_pid: int | None) -> None:
        self.started: set[int] = set()
        self._known, self._stop = {server_pid}, threading.Event()

    def __enter__(self) -> JavaWatch:
        self._known |= self._now()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.05):
            self.started |= self._now() - self._known

    def _now(self) -> set[int | None]:
        found: set[int | None] = set()
        for process in psutil.Process().children(recursive=True):
            try:
                if "java" in process.name():
                    found.add(process.pid)
            except psutil.NoSuchProcess:
                continue
        return found


def main() -> None:
    """Time one run over day 1, or over the three days with `--all`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--all", action="store_true", help="the three days' files in one run")
    days = demo.DAYS if parser.parse_args().all else demo.DAYS[:1]
    folder = Path(tempfile.mkdtemp(prefix="main_job_"))
    home = Home(folder)
    prepare(home)
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    server = SparkServer(home.root, jars_folder=REPOSITORY / ".cdp" / "jars")
    server.start(print)
    try:
        demo.activate(home)
        for day in days:
            demo.drop(day, home.drop(PRODUCTION))
        _warm(home)
        seconds, events, started = _timed(home, days[-1].isoformat(), server)
        _print_stages(events)
        print(f"\nall assets, landed files to exports: {seconds:.1f} s (aim: under {TARGET_S:.0f} s)")
        print(f"Java processes that the steps started: {started}")
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if seconds < TARGET_S and started == 0 else 1)


def _execute(home: Home, job: str, selection: list[dg.AssetKey] | None, day: str) -> Any:
    resolved = environment_definitions(home, PRODUCTION).resolve_job_def(job)
    result = resolved.execute_in_process(
        instance=dg.DagsterInstance.get(),
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        tags={BUSINESS_DATE_TAG: day},
        asset_selection=selection,
        raise_on_error=True,
    )
    return result


def _warm(home: Home) -> None:
    """Land the files, and make Spark compile what every query needs."""
    keys = environment_definitions(home, PRODUCTION).resolve_job_def("full").asset_layer.selected_asset_keys
    _execute(home, "full", [key for key in keys if key.path[1] == "landing"], demo.DAYS[0].isoformat())
    from cdp_assets.lakehouse.session import SparkSessions

    sessions = SparkSessions.for_home(home.root)
    sessions.run(lambda: sessions.session().sql("SELECT COUNT(*) FROM range(1000)").toArrow())


def _timed(home: Home, day: str, server: SparkServer) -> tuple[float, list[Any], int]:
    with JavaWatch(server.pid) as watch, demo.lines_of_progress():
        started = time.monotonic()
        result = _execute(home, "full", None, day)
        seconds = time.monotonic() - started
    return seconds, list(result.all_events), len(watch.started)


def _print_stages(events: list[Any]) -> None:
    """Print a line per asset and per layer: seconds of its step, rows, rows a second."""
    seconds = {
        event.step_key: event.event_specific_data.duration_ms / 1000 for event in events if event.is_step_success
    }
    rows: dict[str, int] = defaultdict(int)
    layers: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.is_step_materialization:
            key = event.asset_key
            count = event.step_materialization_data.materialization.metadata.get("dagster/row_count")
            rows[event.step_key] += int(count.value) if count is not None else 0
            layers["stitch" if event.step_key.endswith("__stitch") else key.path[1]].add(event.step_key)
    print(f"\n{'stage':<60} {'seconds':>8} {'rows':>9} {'rows/s':>10}")
    for layer, steps in layers.items():
        total_s, total_rows = sum(seconds[step] for step in steps), sum(rows[step] for step in steps)
        print(f"{layer:<60} {total_s:8.1f} {total_rows:9,d} {total_rows / max(total_s, 0.001):10,.0f}")
        for step in sorted(steps):
            rate = rows[step] / max(seconds[step], 0.001)
            print(f"  {step:<58} {seconds[step]:8.1f} {rows[step]:9,d} {rate:10,.0f}")


if __name__ == "__main__":
    main()
