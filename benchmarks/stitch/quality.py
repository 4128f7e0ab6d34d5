"""How well found people agree with true ones, at default settings, beside the floor, the goal and the peer."""

from __future__ import annotations

import sys

from benchmarks.stitch import peer
from benchmarks.stitch.parts import Options, Part, Row
from benchmarks.stitch.runs import quality
from benchmarks.stitch.sets import LabelledSet

ABOUT = (
    "precision, recall and F1 of pairs, and B-cubed, one configuration for all sets; "
    "the peer at its usual threshold and at the best one, which only the truth tells"
)


def measure(options: Options) -> Part:
    """Resolve every set once; good where each is at its floor and at the peer's best."""
    rows = [_row(one, options) for one in options.sets]
    return Part(ABOUT, rows, good=all(row["f1"] >= max(row["floor"], row.get("peer best f1", 0.0)) for row in rows))


def _row(one: LabelledSet, options: Options) -> Row:
    print(f"{one.name} …", file=sys.stderr, flush=True)
    found, used = quality(one.path())
    row: Row = {"set": one.name, **found.to_json(), "floor": one.floor, "goal": one.goal}
    row |= {"seconds": round(used.seconds, 1), "memory_mb": used.memory_mb}
    if options.with_peer:
        other = peer.quality(one)
        row |= {"peer f1": other.usual.to_json()["f1"], "peer b3_f1": other.usual.to_json()["b3_f1"]}
        row |= {"peer best f1": other.best.to_json()["f1"], "peer seconds": round(other.used.seconds, 1)}
    return row
