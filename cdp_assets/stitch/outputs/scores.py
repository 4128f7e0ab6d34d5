"""The tables with one row per pair of records: how well the two agree."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.stitch.assign_ids import ID
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.scored import SCORED, Scored
from cdp_assets.stitch.scores import CATEGORIES, SCORE_DIGITS, bits_of, scores

ENDS = {ID: ID, "datasource": "source", "pk": "pk"}
"""A column of records -> how tables of pairs call it, before the 1 or 2 that says which of the two."""
LEAST_SCORE = 2.0
"""Of two people's records, what scores below moderate is not kept: nearly all that is compared is no match."""


def unified_scores(run: Resolved) -> pl.DataFrame:
    """Give amperity_id, source1, source2, pk1, pk2, score, match_category, match_type of all pairs within people.

    Collapsed records are paired with the one that stands for them.
    """
    return _frame(run, run.scored).rename({f"{ID}1": ID}).drop(f"{ID}2")


def stitch_scores(run: Resolved) -> pl.DataFrame:
    """Give amperity_id1, amperity_id2, source1, … of all pairs within people and of moderate ones between."""
    return pl.concat([_frame(run, run.scored), _frame(run, pairs_between(run))])


def pairs_between(run: Resolved) -> Scored:
    """Score the compared pairs of different people, from LEAST_SCORE on."""
    labels, pairs = run.found.labels, run.pairs
    kept = np.flatnonzero((run.bits >= bits_of(LEAST_SCORE)) & (labels[pairs.left] != labels[pairs.right]))
    left, right = pairs.left[kept], pairs.right[kept]
    found = scores(run.bits[kept], run.judge.sure(left, right), run.judge.apart(left, right))
    rows, kind = run.collapsed.rows, pl.repeat(SCORED, len(kept), eager=True, dtype=pl.String)
    return Scored(rows[left], rows[right], np.round(found, SCORE_DIGITS), kind)


def _frame(run: Resolved, pairs: Scored) -> pl.DataFrame:
    return scores_frame(run.assigned.ids, pairs)


def scores_frame(ids: pl.DataFrame, pairs: Scored) -> pl.DataFrame:
    """Give pairs of rows of `ids` as rows of stitch_scores."""
    ends = {"1": pairs.one, "2": pairs.other}
    named = [ids[name].gather(rows).alias(f"{new}{end}") for name, new in ENDS.items() for end, rows in ends.items()]
    return pl.DataFrame(named).with_columns(
        pl.Series("score", pairs.score),
        pl.Series(CATEGORIES, dtype=pl.String).gather(pairs.score.astype(np.int64)).alias("match_category"),
        pairs.kind.alias("match_type"),
    )
