"""Grouping: chains, doubts and records that must stay apart."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cdp_assets.stitch.cluster import CUT, UNCUT, Clusters, clusters
from cdp_assets.stitch.column import Bools, Floats, Ints

Pairs = dict[tuple[int, int], float]


def people(size: int, bits: Pairs, apart: frozenset[tuple[int, int]] = frozenset()) -> set[frozenset[int]]:
    """Group records whose pairs have these odds; all others say nothing."""
    labels = grouped(size, bits, apart).labels
    return {frozenset(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)}


def grouped(size: int, bits: Pairs, apart: frozenset[tuple[int, int]] = frozenset()) -> Clusters:
    """Give what grouping says of each record."""
    one, other = (np.array([pair[side] for pair in bits], dtype=np.int32) for side in (0, 1))

    def weigh(left: Ints, right: Ints) -> tuple[Floats, Floats]:
        found = np.array([bits.get((a, b), -20.0) for a, b in zip(left.tolist(), right.tolist(), strict=True)])
        return found, np.where(found == -20.0, 0.0, found)

    def say(left: Ints, right: Ints) -> Bools:
        return np.array([(a, b) in apart for a, b in zip(left.tolist(), right.tolist(), strict=True)], dtype=np.bool_)

    return clusters(
        size,
        one,
        other,
        np.array(list(bits.values())),
        apart=say,
        threshold_bits=0.0,
        supersized_size=500,
        max_depth=4,
        weigh=weigh,
    )


def test_all_that_agree_are_one() -> None:
    assert people(3, {(0, 1): 5.0, (1, 2): 5.0, (0, 2): 5.0}) == {frozenset({0, 1, 2})}


def test_a_chain_whose_ends_differ_is_cut_at_its_weaker_link() -> None:
    assert people(3, {(0, 1): 8.0, (1, 2): 3.0, (0, 2): -15.0}) == {frozenset({0, 1}), frozenset({2})}


def test_weak_links_do_not_hold_two_groups_that_say_nothing_of_each_other() -> None:
    pairs = {pair: 9.0 for group in ((0, 1, 2), (3, 4, 5)) for pair in itertools.combinations(group, 2)}
    assert people(6, {**pairs, (2, 3): 2.0}) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


def test_those_who_must_stay_apart_are_never_in_one_person_however_strong_the_links_between() -> None:
    found = people(4, {(0, 1): 40.0, (1, 2): 40.0, (2, 3): 40.0, (0, 2): 40.0, (1, 3): 40.0}, frozenset({(0, 3)}))
    assert len(found) == 2
    assert not any({0, 3} <= person for person in found)


@pytest.mark.parametrize("seed", range(20))
def test_no_person_holds_two_who_must_stay_apart(seed: int) -> None:
    """In random graphs of strong links, as many conflicts as links."""
    draw = np.random.default_rng(seed)
    everybody = list(itertools.combinations(range(12), 2))
    bits = {pair: float(draw.normal(6, 10)) for pair in everybody}
    apart = frozenset(pair for pair in everybody if draw.random() < 0.3)
    found = people(12, bits, apart)
    assert not [pair for pair in apart for person in found if set(pair) <= person]
    assert set.union(*map(set, found)) == set(range(12))


def test_why_a_component_was_taken_apart_is_kept_for_each_of_its_records() -> None:
    doubt = grouped(4, {(0, 1): 8.0, (1, 2): 3.0, (0, 2): -15.0})
    assert [CUT[code] for code in doubt.cut[:3]] == ["doubts outweigh links"] * 3
    assert doubt.cut[3] == UNCUT
    conflict = grouped(3, {(0, 1): 40.0, (1, 2): 40.0}, frozenset({(0, 2)}))
    assert {CUT[code] for code in conflict.cut} == {"must stay apart"}
