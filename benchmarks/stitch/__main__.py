"""How good and how quick Stitch is, beside the best open peer, on records whose people are known.

    python -m benchmarks.stitch                                   quality and calibration of every set but the largest
    python -m benchmarks.stitch --only quality --sets cdp1m
    python -m benchmarks.stitch --only speed --sizes 100000,1000000 --json

Prints a table per part, or one JSON object. Exit code 1 says that a figure is worse than it must be.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping

from benchmarks.stitch import calibration, day2, estimates, fewer, quality, spark, speed, tables
from benchmarks.stitch.parts import Options, Part, table
from benchmarks.stitch.sets import BY_NAME

PARTS: Mapping[str, Callable[[Options], Part]] = {
    "quality": quality.measure,
    "calibration": calibration.measure,
    "fewer": fewer.measure,
    "speed": speed.measure,
    "tables": tables.measure,
    "day2": day2.measure,
    "estimates": estimates.measure,
    "spark": spark.measure,
}
DEFAULT_PARTS = "quality,calibration,fewer"
DEFAULT_SETS = ",".join(name for name in BY_NAME if name != "cdp1m")


def main() -> None:
    """Measure the parts that are asked for, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=DEFAULT_PARTS, help=f"parts, of {', '.join(PARTS)}")
    parser.add_argument("--sets", default=DEFAULT_SETS, help=f"labelled sets, of {', '.join(BY_NAME)}")
    parser.add_argument("--sizes", default="100000", help="how many records the timed parts resolve")
    parser.add_argument("--repeats", type=int, default=3, help="of which the median counts")
    parser.add_argument("--alone", action="store_true", help="without the peer")
    parser.add_argument("--json", action="store_true", help="print one object")
    asked = parser.parse_args()
    options = Options(
        sets=tuple(BY_NAME[name] for name in asked.sets.split(",")),
        sizes=tuple(int(size) for size in asked.sizes.split(",")),
        repeats=asked.repeats,
        with_peer=not asked.alone,
    )
    found = {}
    for name in asked.only.split(","):
        found[name] = PARTS[name](options)
        if not asked.json:
            print(f"\n{name}: {found[name].about}\n{table(found[name].rows)}", flush=True)
    if asked.json:
        print(json.dumps({name: vars(part) for name, part in found.items()}, indent=2))
    sys.exit(0 if all(part.good for part in found.values()) else 1)


if __name__ == "__main__":
    main()
