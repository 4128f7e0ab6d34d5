"""Scores all pairs of records within people, those that collapsed included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.block import Pairs
from cdp_assets.stitch.collapse import Collapsed
from cdp_assets.stitch.column import Floats, Labels
from cdp_assets.stitch.scores import EXACT
from cdp_assets.stitch.within import Within

SCORED, TRANSITIVE, DUPLICATE = "scored", "scored_transitive", "trivial_duplicate"


@dataclass(frozen=True, eq=False)
class Scored:
    """Pairs of records as rows of all records, the earlier one first, in order."""

    one: Labels
    other: Labels
    score: Floats
    kind: pl.Series


def scored_within(within: Within, scores: Floats, collapsed: Collapsed, pairs: Pairs) -> Scored:
    """Give all pairs within people; records that collapsed are paired with the one that stands for them.

    Args:
        within: The pairs among the records that stand for others or themselves.
        scores: The score of each.
        collapsed: Who stands for whom.
        pairs: The pairs that were compared because they share a key; the others are transitive.
    """
    rows = collapsed.rows
    standing = rows[collapsed.representative]
    twins = np.flatnonzero(standing != np.arange(len(standing)))
    one = np.concatenate([rows[within.left], standing[twins]])
    other = np.concatenate([rows[within.right], twins])
    score = np.concatenate([scores, np.full(len(twins), EXACT)])
    direct = pl.Series(_is_candidate(within, pairs, len(rows)))
    kind = pl.select(pl.when(direct).then(pl.lit(SCORED)).otherwise(pl.lit(TRANSITIVE))).to_series()
    kinds = pl.concat([kind, pl.repeat(DUPLICATE, len(twins), eager=True, dtype=pl.String)])
    order = np.lexsort((other, one))
    return Scored(one[order], other[order], score[order], kinds.gather(order))


def _is_candidate(within: Within, pairs: Pairs, size: int) -> npt.NDArray[np.bool_]:
    """Say which pairs share a blocking key; candidates are in order, so they are searched by halving."""
    candidates = pairs.left.astype(np.int64) * np.int64(size) + pairs.right
    wanted = within.left.astype(np.int64) * np.int64(size) + within.right
    if not len(candidates):
        return np.zeros(len(wanted), dtype=np.bool_)
    places = np.minimum(np.searchsorted(candidates, wanted), len(candidates) - 1)
    return np.asarray(candidates[places] == wanted)
