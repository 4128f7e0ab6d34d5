"""Slots tell, without sorting, which hashes may be many."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.stitch.slots import NONE, Finder, Places, Sieve, of_more_than


@given(st.lists(st.integers(0, 5)), st.integers(0, 4))
def test_all_that_are_held_by_more_are_told(numbers: list[int], limit: int) -> None:
    """Equal hashes are told alike."""
    hashes = np.array(numbers, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    found = of_more_than(limit, hashes)
    assert {number for number, count in Counter(numbers).items() if count > limit} <= set(np.array(numbers)[found])
    assert all(len(set(found[hashes == one])) == 1 for one in hashes)


@pytest.mark.parametrize(("limit", "most"), [(1, 0.25), (3, 0.05), (10, 0.001)])
def test_few_others_are_told(limit: int, most: float) -> None:
    """Of a million hashes that all differ, one in eight shares its slot."""
    hashes = np.random.default_rng(1).integers(0, 1 << 64, 100_000, dtype=np.uint64)
    assert of_more_than(limit, hashes).mean() < most


HASHES = st.lists(st.integers(0, (1 << 64) - 1) | st.integers(0, 40).map(lambda low: (1 << 63) + low))
"""Among them such as share their slot, whatever it is."""


@given(HASHES, HASHES)
def test_exactly_the_hashes_that_are_looked_for_are_found(wanted: list[int], others: list[int]) -> None:
    """Those that share a slot too; a sieve lets all of them through."""
    looked_for = np.unique(np.array(wanted, dtype=np.uint64))
    hashes = np.array([*others, *wanted], dtype=np.uint64)
    assert Finder(looked_for).among(hashes).tolist() == np.flatnonzero(np.isin(hashes, looked_for)).tolist()
    assert Sieve(looked_for).passes(hashes)[len(others) :].all()


@given(HASHES, HASHES)
def test_each_hash_has_the_place_of_its_equal_or_none(known: list[int], others: list[int]) -> None:
    """Of two equal ones it is that of either."""
    hashes, wanted = np.array(known, dtype=np.uint64), [*others, *known]
    found = Places(hashes).of(np.array(wanted, dtype=np.uint64))
    assert all(known[place] == one if one in known else place == NONE for one, place in zip(wanted, found, strict=True))


def test_hashes_that_share_both_of_their_slots_are_found_too() -> None:
    """Of a hundred thousand one in a hundred does."""
    known, others = np.random.default_rng(1).integers(0, 1 << 64, (2, 100_000), dtype=np.uint64)
    order = np.random.default_rng(2).permutation(len(known))
    found = Places(known).of(np.concatenate([known[order], others]))
    assert (found == np.append(order, np.full(len(others), NONE))).all()


def test_a_sieve_lets_few_others_through() -> None:
    """One in sixteen at most."""
    wanted, others = np.random.default_rng(1).integers(0, 1 << 64, (2, 20_000), dtype=np.uint64)
    assert Sieve(wanted).passes(others).mean() < 1 / 16


@pytest.mark.parametrize("seed", range(20))
def test_a_sieve_lets_none_through_that_never_pass(seed: int) -> None:
    """A value that half of all records have, such as none, shares its slot with a wanted one now and then."""
    draw = np.random.default_rng(seed)
    wanted, never = draw.integers(0, 1 << 64, 20_000, dtype=np.uint64), draw.integers(0, 1 << 64, 2, dtype=np.uint64)
    sieve = Sieve(wanted, never)
    assert not sieve.passes(never).any()
    assert sieve.passes(wanted).all()


def test_a_sieve_lets_a_wanted_one_through_whatever_never_passes() -> None:
    """What is wanted is found in any case."""
    wanted = np.arange(1 << 40, (1 << 40) + 3, dtype=np.uint64)
    assert Sieve(wanted, wanted[:1]).passes(wanted).all()
