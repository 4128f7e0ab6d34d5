"""Examples that people grade by hand, a few of each category of score, and what their grades recommend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from cdp_assets.hashing import sha256_of
from cdp_assets.stitch.scores import CATEGORIES

EXAMPLES = 10
PAIR = ("datasource_a", "pk_a", "datasource_b", "pk_b")
ENOUGH = 3
"""Grades of a category from which something is said about it."""
DOUBTFUL = 1 / 3
"""The share of thumbs down from which a category is not to be relied upon."""


@dataclass(frozen=True)
class Graded:
    """How people have graded the examples of one category."""

    category: str
    right: int
    wrong: int

    @property
    def is_doubtful(self) -> bool:
        """Whether enough were looked at, and too many of them are two people."""
        return self.right + self.wrong >= ENOUGH and self.wrong > DOUBTFUL * (self.right + self.wrong)


def pair_id(pair: tuple[str, str, str, str]) -> str:
    """Name a pair of records so that their keys cannot be found from it; the order of the two makes no difference.

    >>> pair_id(("a", "1", "b", "2")) == pair_id(("b", "2", "a", "1"))
    True
    """
    one, other = sorted([pair[:2], pair[2:]])
    return sha256_of(["graded", *one, *other])[:16]


def stratified(examples: pl.DataFrame, graded: Mapping[str, bool], most: int = EXAMPLES) -> pl.DataFrame:
    """Give up to `most` examples that nobody has graded, by turns of each category, the commonest of each first.

    Columns in: those of detailed_examples. Columns out: the same after `pair`, the id by which a pair is graded.
    """
    named = examples.with_columns(pair=pl.concat_list(PAIR).map_elements(lambda pair: pair_id(tuple(pair)), pl.String))
    left = named.filter(~pl.col("pair").is_in(list(graded)))
    by = [pl.col("case_count").cast(pl.Int64), "pair"]
    ranked = left.sort(by, descending=[True, False]).with_columns(turn=pl.int_range(pl.len()).over("match_category"))
    chosen = ranked.sort("turn", "score", "pair", descending=[False, True, False]).head(most)
    columns = [name for name in examples.columns if name != "pair"]
    return chosen.sort("score", "pair", descending=[True, False]).select("pair", *columns)


def by_category(examples: pl.DataFrame, graded: Mapping[str, bool]) -> list[Graded]:
    """Count the grades of each category that has any, the best category first; of pairs that are still examples."""
    grades = [
        (row["match_category"], graded[name])
        for row in examples.to_dicts()
        if (name := pair_id((row["datasource_a"], row["pk_a"], row["datasource_b"], row["pk_b"]))) in graded
    ]
    counted = (Graded(one, grades.count((one, True)), grades.count((one, False))) for one in reversed(CATEGORIES))
    return [one for one in counted if one.right + one.wrong]


def recommendations(grades: list[Graded], threshold: float) -> list[str]:
    """Say what to do about the categories that too many thumbs go down for; the threshold as it is set now.

    Above the threshold a category joins people by itself, so it is to be raised past the highest doubtful one. Below
    it, records have come together through others, which a label or a bad value parts.
    """
    bound = {name: score for score, name in enumerate(CATEGORIES)}
    found = []
    joining = [one for one in grades if one.is_doubtful and bound[one.category] + 1 > threshold]
    if joining:
        highest = max(joining, key=lambda one: bound[one.category])
        wrong = f"{highest.wrong} of {highest.wrong + highest.right} {highest.category} pairs are two people"
        raised = bound[highest.category] + 1
        if raised < len(CATEGORIES) - 1:
            found.append(f"{wrong}: try `threshold: {raised}` in a sandbox, and look at `cdp diff`")
        else:
            found.append(
                f"{wrong}, although they score so high: look for a bad value, a key or a label that joins them"
            )
    for one in grades:
        if one.is_doubtful and one not in joining:
            text = (
                f"{one.wrong} of {one.wrong + one.right} {one.category} pairs, held together by others, are two people"
            )
            found.append(f"{text}: look at `cdp stitch qa common_values` for bad values, or label them apart")
    if grades and not found:
        found.append("nothing to change by the grades so far")
    return found
