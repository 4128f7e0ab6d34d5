"""All pairs of records within people, with the evidence by which they are scored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from cdp_assets.stitch.block import Pairs
from cdp_assets.stitch.column import Ints, Labels
from cdp_assets.stitch.weigh import Evidence, Scale

MOST_PAIRED = 1000
"""Of a person with more records only the pairs that were compared are scored: all of them would fill the memory."""


@dataclass(frozen=True, eq=False)
class Within:
    """Pairs by row number, left before right, in order."""

    left: Ints
    right: Ints
    evidence: Evidence


def within_people(labels: Labels, scale: Scale, compared: Pairs) -> Within:
    """Give all pairs of records with one label; those of `compared` alone where more than MOST_PAIRED have it."""
    huge = np.bincount(labels)[labels] > MOST_PAIRED if len(labels) else np.zeros(0, dtype=np.bool_)
    frame = pl.DataFrame({"label": labels}).with_row_index("row").filter(pl.Series(~huge))
    joined = frame.join(frame, on="label", suffix="_right").filter(pl.col("row") < pl.col("row_right"))
    inside = huge[compared.left] & (labels[compared.left] == labels[compared.right])
    some = pl.DataFrame({"row": compared.left[inside], "row_right": compared.right[inside]}).cast(pl.UInt32)
    pairs = pl.concat([joined.select("row", "row_right"), some]).sort("row", "row_right")
    left, right = (pairs[name].to_numpy().astype("int32") for name in ("row", "row_right"))
    return Within(left, right, scale.evidence(left, right))
