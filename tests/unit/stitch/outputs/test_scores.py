"""What is told of each pair of records."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.outputs.scores import LEAST_SCORE, stitch_scores, unified_scores
from tests.unit.stitch.outputs.runs import run

PAIR = ["source1", "pk1", "source2", "pk2"]


def test_every_pair_within_a_person_is_there_once() -> None:
    """Counted from the ids; records that collapsed have one pair each, with the one that stands for them."""
    found = unified_scores(run())
    ids = run().assigned.ids.gather(run().collapsed.rows)
    sizes = ids.group_by("amperity_id").len()["len"].cast(pl.Int64)
    twins = run().judged.records.height - run().collapsed.records.height
    assert found.height == int((sizes * (sizes - 1) // 2).sum()) + twins
    assert found.filter(match_type="trivial_duplicate").height == twins
    assert found.select(PAIR).is_unique().all()
    assert found.select(PAIR).equals(found.select(PAIR).sort(PAIR))


def test_pairs_that_were_compared_are_told_from_those_that_others_joined() -> None:
    """A pair that shares no blocking key is transitive."""
    found = unified_scores(run())
    kinds = dict(found["match_type"].value_counts().iter_rows())
    assert kinds["scored"] > kinds.get("scored_transitive", 0)
    compared = {(int(a), int(b)) for a, b in zip(run().pairs.left, run().pairs.right, strict=True)}
    place = {int(row): at for at, row in enumerate(run().collapsed.rows)}
    pairs = zip(run().scored.one.tolist(), run().scored.other.tolist(), run().scored.kind, strict=True)
    for one, other, kind in pairs:
        if kind != "trivial_duplicate":
            assert (kind == "scored") == ((place[one], place[other]) in compared)


def test_pairs_of_two_people_are_kept_where_they_were_near() -> None:
    """All scores hold those of people, and moderate ones beyond; never a pair twice."""
    found = stitch_scores(run())
    inside = found.filter(pl.col("amperity_id1") == pl.col("amperity_id2"))
    outside = found.filter(pl.col("amperity_id1") != pl.col("amperity_id2"))
    columns = [*PAIR, "score", "match_category", "match_type"]
    assert inside.select(columns).equals(unified_scores(run()).select(columns))
    assert outside.height
    assert (outside["score"] >= LEAST_SCORE).all()
    assert found.select(PAIR).is_unique().all()
