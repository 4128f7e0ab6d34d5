"""What is taken for likely before any record is seen, and what few pairs can teach."""

from __future__ import annotations

import numpy as np
import pytest

from cdp_assets.stitch.compare import FIELDS
from cdp_assets.stitch.namesakes import NAMESAKES
from cdp_assets.stitch.priors import HOUSEHOLD, NOT_BELIEVED, believed, household, same_person


@pytest.mark.parametrize("name", FIELDS)
def test_every_level_of_every_field_has_a_chance(name: str) -> None:
    for found in (household(name), same_person(name)):
        assert len(found) == len(FIELDS[name].levels)
        assert found.sum() == pytest.approx(1.0)
        assert found.min() > 0


def test_full_names_alone_are_learnt_without_a_household() -> None:
    assert FIELDS.keys() - HOUSEHOLD.keys() == {NAMESAKES}


@pytest.mark.parametrize("name", NOT_BELIEVED)
def test_a_few_pairs_teach_nobody_that_one_person_differs_altogether(name: str) -> None:
    """A small tenant's twins do not; what many pairs show is believed."""
    none = np.zeros(len(FIELDS[name].levels))
    few, many = none.copy(), none.copy()
    few[-1], many[-1] = NOT_BELIEVED[name], 10 * NOT_BELIEVED[name]
    assert believed(name, few)[-1] == pytest.approx(believed(name, none)[-1], abs=0.01)
    assert believed(name, many)[-1] > 9 * NOT_BELIEVED[name]


def test_what_no_pair_shows_is_possible() -> None:
    counts = np.array([100.0, 0.0, 0.0])
    assert believed("phone", counts).min() > 0.5
