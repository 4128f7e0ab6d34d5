"""Examples to grade are a few of each category, and grades recommend only where enough were looked at."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from cdp_assets.stitch.qa.grades import Graded, by_category, pair_id, recommendations, stratified

CATEGORIES = {"exact": 5.0, "excellent": 4.2, "high": 3.1, "moderate": 2.5}


def examples(each: int = 5) -> pl.DataFrame:
    """Give so many examples of each of four categories, the first of each the commonest."""
    return pl.DataFrame(
        [
            {
                "match_category": category, "score": score, "case_count": str(100 - number), "datasource_a": "shop",
                "pk_a": f"{category}-{number}", "datasource_b": "till", "pk_b": "x",
            }
            for category, score in CATEGORIES.items()
            for number in range(each)
        ]
    )  # fmt: skip


def grades(found: pl.DataFrame, ups: bool) -> dict[str, bool]:
    return dict.fromkeys(stratified(found, {}, found.height)["pair"], ups)


def test_ten_examples_are_of_every_category_and_the_commonest_come_first() -> None:
    found = stratified(examples(), {})
    assert found.height == 10
    assert Counter(found["match_category"]) == {"exact": 3, "excellent": 3, "high": 2, "moderate": 2}
    assert set(found["case_count"]) == {"100", "99", "98"}
    assert found["score"].is_sorted(descending=True)


def test_a_category_with_few_leaves_its_place_to_others() -> None:
    few = pl.concat([examples(1), examples(6).filter(match_category="high").tail(5)])
    assert Counter(stratified(few, {})["match_category"]) == {"exact": 1, "excellent": 1, "moderate": 1, "high": 6}


def test_what_is_graded_does_not_come_again() -> None:
    every = examples()
    first = stratified(every, {})
    second = stratified(every, dict.fromkeys(first["pair"], True))
    assert not set(first["pair"]) & set(second["pair"])
    assert stratified(every, grades(every, True)).is_empty()


def test_a_pair_is_the_same_whichever_record_comes_first_and_shows_no_key() -> None:
    one = pair_id(("shop", "secret-key", "till", "x"))
    assert one == pair_id(("till", "x", "shop", "secret-key")) != pair_id(("shop", "x", "till", "secret-key"))
    assert "secret" not in one


def test_grades_are_counted_by_category_the_best_first() -> None:
    every = examples(2)
    down = pair_id(("shop", "high-1", "till", "x"))
    found = by_category(every, {pair_id(("shop", "high-0", "till", "x")): True, down: False, "gone": False})
    assert found == [Graded("high", 1, 1)]


@pytest.mark.parametrize(
    ("found", "threshold", "advice"),
    [
        ([], 3.0, []),
        ([Graded("high", 1, 1)], 3.0, ["nothing to change by the grades so far"]),
        ([Graded("exact", 3, 0), Graded("high", 2, 1)], 3.0, ["nothing to change by the grades so far"]),
        ([Graded("high", 1, 2)], 3.0, ["2 of 3 high pairs are two people: try `threshold: 4` in a sandbox"]),
        ([Graded("moderate", 0, 3)], 2.5, ["3 of 3 moderate pairs are two people: try `threshold: 3` in a sandbox"]),
        (
            [Graded("high", 1, 2), Graded("moderate", 0, 3)],
            2.0,
            ["2 of 3 high pairs are two people: try `threshold: 4`"],
        ),
        ([Graded("exact", 0, 4)], 3.0, ["4 of 4 exact pairs are two people, although they score so high"]),
        ([Graded("moderate", 1, 2)], 3.0, ["2 of 3 moderate pairs, held together by others, are two people"]),
    ],
)
def test_what_is_recommended(found: list[Graded], threshold: float, advice: list[str]) -> None:
    told = recommendations(found, threshold)
    assert len(told) == len(advice)
    assert all(text.startswith(wanted) for text, wanted in zip(told, advice, strict=True))
