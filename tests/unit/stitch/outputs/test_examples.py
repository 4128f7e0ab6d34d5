"""Examples are few, and say how many pairs they stand for."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.outputs.examples import EXAMPLES, SHOWN, detailed_examples
from cdp_assets.stitch.outputs.scores import unified_scores
from tests.unit.stitch.outputs.runs import run


def state(example: dict[str, object]) -> tuple[str, ...]:
    """Say how an example's two records agree, column by column."""
    pairs = [(example[f"{name}_a"], example[f"{name}_b"]) for name in SHOWN]
    return tuple("unknown" if None in pair else "equal" if pair[0] == pair[1] else "different" for pair in pairs)


def test_each_example_is_another_case_of_its_category() -> None:
    """The commonest first, at most EXAMPLES per category; counts are those of all pairs."""
    found = detailed_examples(run())
    counts = dict(unified_scores(run())["match_category"].value_counts().iter_rows())
    assert set(found["match_category"]) == set(counts)
    for (category,), group in found.group_by("match_category"):
        assert group.height <= EXAMPLES
        assert set(group["score_count"]) == {counts[category]}
        assert group["case_count"].sum() <= counts[category]
        assert group["case_count"].to_list() == sorted(group["case_count"], reverse=True)
        states = [state(example) for example in group.iter_rows(named=True)]
        assert len(set(states)) == len(states)


def test_an_example_is_a_pair_of_the_scores_with_its_values() -> None:
    """Both records belong to the person, and what is shown is what was compared."""
    found = detailed_examples(run())
    scores = unified_scores(run())
    pair = {"datasource_a": "source1", "pk_a": "pk1", "datasource_b": "source2", "pk_b": "pk2"}
    joined = found.rename(pair).join(scores, on=[*pair.values(), "amperity_id", "score", "match_category"])
    assert joined.height == found.height
    records = run().judged.records.select("datasource", "pk", "phone")
    shown = found.join(records, left_on=["datasource_b", "pk_b"], right_on=["datasource", "pk"])
    assert shown["phone_b"].equals(shown["phone"], null_equal=True)
    assert pl.Series(found["score"]).is_between(0, 5).all()
