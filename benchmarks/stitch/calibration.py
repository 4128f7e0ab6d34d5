"""How often the pairs of each score category are right, beside what the documentation says."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.stitch.parts import Options, Part, Row
from benchmarks.stitch.sets import LabelledSet
from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch import bare_file
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.scores import CATEGORIES, scores

ABOUT = "share of compared pairs that are one person, and how many pairs, by category of their score"
STATED = {
    "excellent": (0.99, 1.0), "high": (0.8, 1.0), "moderate": (0.05, 0.6), "weak": (0.0, 0.1), "non_match": (0.0, 0.01)
}  # fmt: skip
"""What docs/concepts/stitch-quality.md says of each category, as the least and the largest share."""
ENOUGH = 100
"""From so many pairs on a share says something."""


def measure(options: Options) -> Part:
    """Resolve every set once and look at its scores; good where every category's share is as stated."""
    rows = [_row(one) for one in options.sets]
    return Part(ABOUT, rows, good=all(_is_as_stated(row, *stated) for row in rows for stated in STATED.items()))


def _is_as_stated(row: Row, category: str, stated: tuple[float, float]) -> bool:
    return row[f"{category} n"] < ENOUGH or stated[0] <= row[category] <= stated[1]


def _row(one: LabelledSet) -> Row:
    scored = _scored(one)
    found = scored.group_by("match_category").agg(share=pl.col("right").mean(), pairs=pl.len())
    by_category = {category: (share, pairs) for category, share, pairs in found.iter_rows()}
    row: Row = {"set": one.name}
    for category in reversed(CATEGORIES):
        share, pairs = by_category.get(category, (None, 0))
        row |= {category: share, f"{category} n": pairs}
    return row


def _scored(one: LabelledSet) -> pl.DataFrame:
    """Give the category of every pair that was compared, and whether it is one person."""
    run = resolve(bare_file.read(one.path()).records, Stitch(), Given(key=b"benchmark"))
    truth = pl.read_parquet(one.path(), columns=["source", "record_id", "entity_id"])
    standing = run.collapsed.records.select("datasource", "pk")
    known = truth.rename({"source": "datasource", "record_id": "pk"})
    people = standing.join(known, on=["datasource", "pk"], how="left", maintain_order="left")["entity_id"]
    left, right = run.pairs.left, run.pairs.right
    score = scores(run.bits, run.judge.sure(left, right), run.judge.apart(left, right))
    category = pl.Series(CATEGORIES, dtype=pl.String).gather(score.astype(np.int64))
    return pl.DataFrame({"match_category": category, "right": people.gather(left) == people.gather(right)})
