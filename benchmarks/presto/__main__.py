"""How many queries of a golden set answer here as on a real Trino.

    python -m benchmarks.presto DIR [--json] [--group datetime] [--show]

DIR holds `cases.json` and `tables/`. The tables are written once into a lake of their own; each case is translated
and run by the platform's own way. Prints how many answers agree, how many queries are refused by name, fail, or are
silently wrong; the cases that Trino itself refuses are counted apart. Ends with 1 where one is wrong or fails.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from benchmarks.presto.golden import Golden
from benchmarks.presto.run import AGREE, ANSWERED, FAILED, RIGHTLY, WRONG, Outcome, counts, on_spark, outcomes
from cdp_assets.home import Home
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.lakehouse.session import SparkSessions


def main() -> None:
    """Run the cases that are asked for, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="holds cases.json and tables/")
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.add_argument("--group", help="only the cases of this group")
    parser.add_argument("--show", action="store_true", help="print every case that does not agree, and why")
    asked = parser.parse_args()
    golden, started = Golden(asked.folder), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="presto_") as name:
        found = _run(golden, Path(name), asked.group)
    if asked.show:
        _show(found)
    print(json.dumps(counts(found), indent=2) if asked.json else _told(found, time.monotonic() - started))
    sys.exit(1 if any(one.verdict in (WRONG, FAILED, ANSWERED) for one in found) else 0)


def _run(golden: Golden, home: Path, group: str | None) -> list[Outcome]:
    server = SparkServer(home, jars_folder=Home.locate().root / "jars", memory="2g")
    server.start()
    try:
        lake = Lake(home / "lake", SparkSessions.for_home(home))
        return list(outcomes(golden.cases(group), on_spark(golden, lake)))
    finally:
        server.stop()


def _show(found: Sequence[Outcome]) -> None:
    for one in found:
        if one.verdict != (RIGHTLY if "error" in one.case else AGREE):
            print(f"{one.verdict:<9} {one.case['group']}: {one.case['name']}: {one.reason}", file=sys.stderr)


def _told(found: Sequence[Outcome], seconds: float) -> str:
    """Give a line per group, and the whole."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for one in found:
        groups[one.case["group"]].append(one)
    lines = [f"{group:<12} {json.dumps(counts(ran))}" for group, ran in sorted(groups.items())]
    return "\n".join([*lines, f"{'all':<12} {json.dumps(counts(found))}", f"in {seconds:.0f} s"])


if __name__ == "__main__":
    main()
