"""The tables with one row per pair of records: how well the two agree."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.cluster import Labels
from cdp_assets.stitch.column import Floats, Ints
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.scores import EXACT, SCORE_DIGITS, categories, scores


def unified_scores(run: Resolved) -> pl.DataFrame:
    """Give amperity_id, source1, source2, pk1, pk2, score, match_category, match_type of all pairs within people.

    Collapsed records are paired with the one that stands for them.
    """
    left, right = run.within.left, run.within.right
    standing, twins, twins_of = _standing(run)
    one = np.concatenate([standing[left], twins_of])
    other = np.concatenate([standing[right], twins])
    score = np.concatenate([pair_scores(run), np.full(len(twins), EXACT)])
    direct = _is_candidate(run, left, right)
    kinds = [*np.where(direct, "scored", "scored_transitive").tolist(), *(["trivial_duplicate"] * len(twins))]
    datasource, pk = run.judged.records["datasource"], run.judged.records["pk"]
    return pl.DataFrame(
        {
            ID: run.assigned.ids[ID].gather(one),
            "source1": datasource.gather(one),
            "source2": datasource.gather(other),
            "pk1": pk.gather(one),
            "pk2": pk.gather(other),
            "score": score,
            "match_category": categories(score),
            "match_type": kinds,
        },
        schema_overrides={"match_category": pl.String, "match_type": pl.String},
    ).sort("source1", "pk1", "source2", "pk2")


def pair_scores(run: Resolved) -> Floats:
    """Give the score of each pair of `run.within`."""
    left, right, evidence = run.within.left, run.within.right, run.within.evidence
    bits, _ = run.judge.weigh(left, right, evidence.levels)
    found = scores(bits, run.judge.sure(left, right), run.judge.apart(left, right))
    return np.round(found, SCORE_DIGITS)


def _standing(run: Resolved) -> tuple[Labels, Labels, Labels]:
    """Give, as rows of all records: each representative, each record that is represented, and by whom it is."""
    numbers = np.arange(run.judged.records.height)
    numbered = run.judged.records.select(KEYS).with_columns(number=numbers)
    first = run.collapsed.records.select(KEYS).join(numbered, on=KEYS, maintain_order="left")["number"].to_numpy()
    standing = first[run.collapsed.representative]
    twins = np.flatnonzero(standing != numbers)
    return first, twins, standing[twins]


def _is_candidate(run: Resolved, left: Ints, right: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    size = np.int64(run.collapsed.records.height)
    candidates = run.pairs.left.astype(np.int64) * size + run.pairs.right
    return np.isin(left.astype(np.int64) * size + right, candidates)
