"""Labels are carried out, whatever clustering found."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.cluster import Clusters
from cdp_assets.stitch.column import Floats, Ints
from cdp_assets.stitch.judge import Judge
from cdp_assets.stitch.labels import NO_GROUP, Forced
from cdp_assets.stitch.steer import steered
from cdp_assets.stitch.weigh import Pattern, Scale


class Nearness(Scale):
    """Says that records agree the better the nearer their numbers are."""

    def __init__(self) -> None:
        """Need no model."""

    def weigh(self, left: Ints, right: Ints, _: Pattern | None = None) -> tuple[Floats, Floats]:
        """Give odds and evidence."""
        bits = 10.0 - np.abs(left - right)
        return bits, bits


def people(labels: list[int], groups: list[int], apart: set[tuple[int, int]]) -> list[int]:
    """Give the labels after steering."""
    found = np.array(labels, dtype=np.int64)
    forced = Forced(np.array(groups, dtype=np.int64), frozenset(apart))
    judge = Judge(pl.DataFrame({"pk": ["1"] * len(labels)}), Nearness(), Stitch(), forced)
    clusters = Clusters(found, found, np.zeros(len(labels), dtype=np.bool_), np.full(len(labels), -1, dtype=np.int8))
    return [int(label) for label in steered(clusters, forced, judge).labels]


def test_a_join_brings_everybody_along() -> None:
    """Records 1 and 2 are forced together: so are the people that they were found to be."""
    assert people([0, 0, 2, 2, 4], [-1, 7, 7, -1, -1], set()) == [0, 0, 0, 0, 4]


def test_a_part_takes_whom_it_agrees_with_best() -> None:
    """Records 0 and 5 are forced apart: each of the others goes to the nearer."""
    assert people([0] * 6, [1, -1, -1, -1, -1, 2], {(1, 2)}) == [0, 0, 0, 1, 1, 1]


def test_a_group_is_parted_as_a_whole() -> None:
    """Record 4 is nearer to 5, but it is labelled one person with 0."""
    assert people([0] * 6, [1, -1, -1, -1, 1, 2], {(1, 2)}) == [0, 0, 0, 0, 0, 1]


def test_without_labels_nothing_is_touched() -> None:
    """The same arrays come back."""
    found = np.array([0, 1, 1])
    forced = Forced(np.full(3, NO_GROUP), frozenset())
    clusters = Clusters(found, found, np.zeros(3, dtype=np.bool_), np.full(3, -1, dtype=np.int8))
    assert steered(clusters, forced, Judge(pl.DataFrame(), Nearness(), Stitch(), forced)) is clusters


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 4)), min_size=1, max_size=12),
    st.sets(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda pair: pair[0] < pair[1])),
)
def test_every_label_holds_over_any_clusters(members: list[tuple[int, int]], apart: set[tuple[int, int]]) -> None:
    """One group is one person, groups that are apart are two, and who was together without a label stays together."""
    groups = [group for _, group in members]
    found = people([label for label, _ in members], groups, apart)
    for one, other in combinations(range(len(members)), 2):
        a, b = groups[one], groups[other]
        if a == b != NO_GROUP:
            assert found[one] == found[other]
        if (min(a, b), max(a, b)) in apart and NO_GROUP not in (a, b):
            assert found[one] != found[other]
        if not apart and members[one][0] == members[other][0]:
            assert found[one] == found[other]
