"""How well found people agree with true ones, at default settings, beside the floor, the goal and the peer."""

from __future__ import annotations

import sys

from benchmarks.stitch.parts import Options, Part, Row
from benchmarks.stitch.runs import quality
from benchmarks.stitch.sets import LabelledSet

ABOUT = "F1 of pairs and B-cubed of people, one configuration for all sets"


def measure(options: Options) -> Part:
    """Resolve every set once."""
    rows = [_row(one, options) for one in options.sets]
    return Part(ABOUT, rows, good=all(row["f1"] >= row["least"] for row in rows))


def _row(one: LabelledSet, options: Options) -> Row:
    print(f"{one.name} …", file=sys.stderr, flush=True)
    found, used = quality(one.path())
    row: Row = {"set": one.name, **found.to_json(), "floor": one.floor, "goal": one.goal}
    row["least"] = one.floor
    return row | {"seconds": round(used.seconds, 1), "memory_mb": used.memory_mb}
