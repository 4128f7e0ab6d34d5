"""How often strangers hold one contact: a share of the people, or of those pairs that share one."""

from __future__ import annotations

import numpy as np
import pytest

from cdp_assets.stitch.used_by_others import Contact, more_often

PAIRS = 1000 * 999 / 2


def test_a_share_of_the_people_holds_a_contact_of_others() -> None:
    assert Contact("phone", 1000, 5000, 5000, 1.0).shared * PAIRS == pytest.approx(0.15 * 1000)


def test_where_few_share_contacts_strangers_are_a_share_of_these() -> None:
    assert Contact("phone", 1000, 10, 10, 1.0).shared * PAIRS == pytest.approx(0.15 * 2 * 10)


def test_matches_among_random_pairs_are_not_taken_for_strangers() -> None:
    """All pairs are drawn, and as many share an e-mail as there are candidates that do."""
    found = Contact("email", 1000, 100, 100, 1.0).without_matches(np.array([100 / PAIRS, 0.2, 0.8 - 100 / PAIRS]))
    assert found[0] * PAIRS == pytest.approx(10)
    assert found[2] / found[1] == pytest.approx((0.8 - 100 / PAIRS) / 0.2)
    assert found.sum() == pytest.approx(1.0)


@pytest.mark.parametrize(("by_chance", "drawn"), [(1000, 1.0), (500, 2.0)])
def test_an_email_that_everybody_holds_says_nothing(by_chance: float, drawn: float) -> None:
    """Most pairs that share it are no candidates: the block was too large."""
    measured = np.array([0.9, 0.02, 0.08])
    assert Contact("email", 1000, 100, by_chance, drawn).without_matches(measured) is measured


def test_a_few_random_pairs_by_luck_are_no_sign_of_an_email_that_everybody_holds() -> None:
    """Of a hundred thousand times as many pairs five were drawn that share one, where one could be expected."""
    assert Contact("email", 100_000, 100_000, 5, 1e5).without_matches(np.array([5e-4, 1 - 5e-4]))[0] < 1e-5


def test_what_strangers_hardly_share_is_left_as_measured() -> None:
    measured = np.array([1e-9, 1 - 1e-9])
    assert Contact("email", 1000, 100, 0, 1.0).without_matches(measured) is measured


def test_an_email_of_two_names_is_as_common_in_whatever_file() -> None:
    """As many pairs share it as the people who hold it have others, however seldom strangers share those of one."""
    times = np.array([1.0, 21.0])
    many, few = (Contact("email", 1000, pairs, pairs, 1.0).shared for pairs in (5000.0, 10.0))
    usual, less = (more_often("email", times, float(np.log2(one)), float(np.log2(PAIRS))) for one in (many, few))
    assert usual == pytest.approx(np.log2(times))
    assert less[0] == 0
    assert few * 2 ** less[1] == pytest.approx(many * (20 + few / many))
