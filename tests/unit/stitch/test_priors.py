"""What is taken for likely before any record is seen, and what few pairs can teach."""

from __future__ import annotations

import numpy as np
import pytest

from cdp_assets.stitch.compare import FIELDS, TOLD
from cdp_assets.stitch.priors import (
    HOUSEHOLD,
    LEAST_NOT_BELIEVED,
    MOST_OWN,
    NOT_BELIEVED,
    OWN,
    apart,
    believed,
    household,
    same_person,
)


@pytest.mark.parametrize("name", FIELDS)
def test_every_level_of_every_field_has_a_chance(name: str) -> None:
    for found in (household(name), same_person(name)):
        assert len(found) == len(FIELDS[name].levels)
        assert found.sum() == pytest.approx(1.0)
        assert found.min() > 0


def test_what_is_counted_of_all_records_is_learnt_without_a_household() -> None:
    assert FIELDS.keys() - HOUSEHOLD.keys() == {*TOLD}


@pytest.mark.parametrize("name", OWN)
def test_the_members_of_a_household_hardly_share_what_is_their_own(name: str) -> None:
    """Or a class of households whose members bear one name takes in the very pairs that are one person."""
    learnt = np.full(len(FIELDS[name].levels), 0.2 / (len(FIELDS[name].levels) - OWN[name]))
    learnt[: OWN[name]] = 0.8 / OWN[name]
    found = apart(name, learnt)
    assert found[: OWN[name]].sum() == pytest.approx(MOST_OWN)
    assert found.sum() == pytest.approx(1.0)
    assert apart("surname", learnt).tolist() == learnt.tolist()


@pytest.mark.parametrize("name", NOT_BELIEVED)
def test_a_few_pairs_teach_nobody_that_one_person_differs_altogether(name: str) -> None:
    """A small tenant's twins do not; what many pairs show is believed."""
    none = np.zeros(len(FIELDS[name].levels))
    few, many = none.copy(), none.copy()
    few[0] = many[0] = 100.0
    few[-1], many[-1] = LEAST_NOT_BELIEVED, 10 * NOT_BELIEVED[name]
    assert believed(name, few)[-1] == pytest.approx(believed(name, none)[-1], abs=0.02)
    assert believed(name, many)[-1] > 9 * NOT_BELIEVED[name]


def test_birthdates_that_are_wrong_more_often_than_families_have_namesakes_are_believed() -> None:
    """Of five hundred pairs of one person fifteen have another birthdate: that is no family of fathers and sons."""
    counts = np.zeros(len(FIELDS["birthdate"].levels))
    counts[0], counts[-1] = 485.0, 15.0
    assert believed("birthdate", counts)[-1] == pytest.approx(5.0, abs=0.2)
    counts[:] *= 100
    assert believed("birthdate", counts)[-1] == pytest.approx(1500 - NOT_BELIEVED["birthdate"], rel=0.01)


def test_what_no_pair_shows_is_possible() -> None:
    counts = np.array([100.0, 0.0, 0.0])
    assert believed("phone", counts).min() > 0.5
