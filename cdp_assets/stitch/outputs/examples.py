"""Pairs to look at: for each category of score, the commonest ways to agree, one example of each."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.column import Labels
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.scored import Scored
from cdp_assets.stitch.scores import CATEGORIES

SHOWN = ("address", "birthdate", "city", "country", "email", "given_name", "phone", "postal", "state", "surname")
EXAMPLES = 10
"""Per category."""
EQUAL, DIFFERENT, UNKNOWN = 2, 1, 0


def detailed_examples(run: Resolved) -> pl.DataFrame:
    """Give amperity_id, match_category, score, score_count, case_count, then each shown column of both records.

    A case is which columns agree, differ or are not there. score_count: pairs of the category; case_count: those of
    the same case. The first pair of each of a category's EXAMPLES commonest cases is shown.
    """
    return commonest(cases(run))


def cases(run: Resolved) -> pl.DataFrame:
    """Give category (a number), case, case_count, then amperity_id, score and each shown column of its first pair."""
    within = run.scored
    pairs = pl.DataFrame(
        {"category": within.score.astype(np.int64), "case": _cases(run, within), "place": np.arange(len(within.one))}
    )
    counted = pairs.group_by("category", "case").agg(pl.col("place").first(), case_count=pl.len().cast(pl.Int64))
    return pl.concat([counted.drop("place"), _shown(run, within, counted["place"].to_numpy())], how="horizontal")


def commonest(counted: pl.DataFrame) -> pl.DataFrame:
    """Give the examples among all cases."""
    counted = counted.with_columns(score_count=pl.col("case_count").sum().over("category"))
    ranked = counted.sort(["category", "case_count", "case"], descending=[True, True, False])
    return as_shown(ranked.group_by("category", maintain_order=True).head(EXAMPLES))


def as_shown(shown: pl.DataFrame) -> pl.DataFrame:
    """Give chosen cases, with score_count, as rows of detailed_examples."""
    named = pl.Series("match_category", CATEGORIES, dtype=pl.String).gather(shown["category"])
    first = [ID, "match_category", "score", "score_count", "case_count"]
    shown = shown.with_columns(named)
    return shown.select(*first, *(name for name in shown.columns if name.endswith(("_a", "_b"))))


def _cases(run: Resolved, within: Scored) -> pl.Series:
    """Spell how each pair agrees as one number, a digit of base three per shown column."""
    found = np.zeros(len(within.one), dtype=np.int64)
    for name in SHOWN:
        codes = run.judged.records[name].rank("dense").cast(pl.Int64).fill_null(0).to_numpy()
        one, other = codes[within.one], codes[within.other]
        state = np.where((one == 0) | (other == 0), UNKNOWN, np.where(one == other, EQUAL, DIFFERENT))
        found = found * 3 + state
    return pl.Series(found)


def _shown(run: Resolved, within: Scored, place: Labels) -> pl.DataFrame:
    sides = {"a": within.one[place], "b": within.other[place]}
    values = {
        f"{name}_{side}": run.judged.records[name].gather(rows)
        for name in sorted((*SHOWN, *KEYS))
        for side, rows in sides.items()
    }
    return pl.DataFrame(
        {
            ID: run.assigned.ids[ID].gather(sides["a"]),
            "score": within.score[place],
            **values,
        }
    )
