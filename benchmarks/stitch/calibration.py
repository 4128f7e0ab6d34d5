"""How often the pairs of each score category are right, beside what the documentation says."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from benchmarks.stitch.parts import Options, Part, Row
from benchmarks.stitch.runs import stitched
from benchmarks.stitch.sets import LabelledSet
from cdp_assets.stitch.scores import CATEGORIES

ABOUT = "share of scored pairs that are one person, and how many pairs, by category"


def measure(options: Options) -> Part:
    """Resolve every set once and look at its scores."""
    rows = [_row(one) for one in options.sets]
    return Part(ABOUT, rows, good=True)


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
    """Give every scored pair's category and whether it is right."""
    with tempfile.TemporaryDirectory() as name:
        scores = Path(name) / "scores.parquet"
        stitched(one.path(), Path(name) / "ids.parquet", "--scores", str(scores))
        pairs = pl.read_parquet(scores)
    people = pl.read_parquet(one.path(), columns=["source", "record_id", "entity_id"])
    for side in ("1", "2"):
        names = {"source": f"source{side}", "record_id": f"record_id{side}", "entity_id": f"person{side}"}
        pairs = pairs.join(people.rename(names), on=[f"source{side}", f"record_id{side}"], how="left")
    return pairs.select("match_category", right=pl.col("person1") == pl.col("person2"))
