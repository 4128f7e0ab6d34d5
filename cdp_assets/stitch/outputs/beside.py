"""How well the people of a day's part agree with those beside them, who were not looked at again."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.incremental import Part
from cdp_assets.stitch.outputs.scores import LEAST_SCORE, scores_frame
from cdp_assets.stitch.scored import SCORED, Scored
from cdp_assets.stitch.scores import SCORE_DIGITS, bits_of, scores
from cdp_assets.stitch.spelled import NOBODY, Rows

OURS, STEADY = "_ours", "_steady"


def pairs_beside(known: pl.DataFrame, ids: pl.DataFrame, part: Part) -> pl.DataFrame:
    """Give the rows of stitch_scores about a record of the part and one that is not of it.

    Pairs of the news were weighed; those of others stand in the table of the run before.

    Args:
        known: That table.
        ids: Today's stitch_ids, in order.
    """
    place = np.full(part.days.versions.size, NOBODY, dtype=np.int64)
    place[part.days.versions.today] = np.arange(ids.height)
    made = _weighed(ids, part, place)
    return pl.concat([made, _renamed(known, ids, part, place).select(made.columns).cast(made.schema)])


def _weighed(ids: pl.DataFrame, part: Part, place: Rows) -> pl.DataFrame:
    """Give the moderate pairs of the news with people beside the part."""
    pairs, chosen = part.reached.weighed, part.reached.chosen
    kept = np.flatnonzero((pairs.bits >= bits_of(LEAST_SCORE)) & (chosen[pairs.left] != chosen[pairs.right]))
    one, other = place[pairs.left[kept]], place[pairs.right[kept]]
    score = np.round(scores(pairs.bits[kept], pairs.sure[kept], pairs.apart[kept]), SCORE_DIGITS)
    kind = pl.repeat(SCORED, len(kept), dtype=pl.String, eager=True)
    return scores_frame(ids, Scored(np.minimum(one, other), np.maximum(one, other), score, kind))


def _renamed(known: pl.DataFrame, ids: pl.DataFrame, part: Part, place: Rows) -> pl.DataFrame:
    """Give the rows of before whose one end is of the part, and no news, under today's ids."""
    days = part.days
    steady = days.people & days.people_before
    ours = ids[place[part.rows]].with_columns(pl.Series(STEADY, steady[part.rows]))
    gone = part.gone.with_columns(pl.lit(None, pl.String).alias(ID), pl.lit(False).alias(STEADY))
    touched = pl.concat([ours.select(*KEYS, ID, STEADY), gone.select(*KEYS, ID, STEADY)])
    pks = touched["pk"].unique().implode()
    rows = known.filter(pl.col("pk1").is_in(pks) | pl.col("pk2").is_in(pks))
    for end in ("1", "2"):
        named = touched.rename({ID: f"{OURS}{end}", STEADY: f"{STEADY}{end}"})
        rows = rows.join(named, left_on=[f"source{end}", f"pk{end}"], right_on=KEYS, how="left", maintain_order="left")
    one_is = pl.col(f"{STEADY}1") & pl.col(f"{STEADY}2").is_null()
    other_is = pl.col(f"{STEADY}2") & pl.col(f"{STEADY}1").is_null()
    kept = rows.filter(one_is.fill_null(False) | other_is.fill_null(False))
    return kept.with_columns(pl.coalesce(f"{OURS}{end}", f"{ID}{end}").alias(f"{ID}{end}") for end in ("1", "2"))
