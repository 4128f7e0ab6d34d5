"""All pairs of records within people, with the evidence by which they are scored."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from cdp_assets.stitch.column import Ints, Labels
from cdp_assets.stitch.weigh import Evidence, Scale


@dataclass(frozen=True, eq=False)
class Within:
    """Pairs by row number, left before right, in order."""

    left: Ints
    right: Ints
    evidence: Evidence


def within_people(labels: Labels, scale: Scale) -> Within:
    """Give all pairs of records with one label."""
    frame = pl.DataFrame({"label": labels}).with_row_index("row")
    joined = frame.join(frame, on="label", suffix="_right").filter(pl.col("row") < pl.col("row_right"))
    joined = joined.sort("row", "row_right")
    left, right = (joined[name].to_numpy().astype("int32") for name in ("row", "row_right"))
    return Within(left, right, scale.evidence(left, right))
