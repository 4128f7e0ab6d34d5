"""How well birthdates agree: slips, parts in each other's place, another generation; and mailboxes at two servers."""

from __future__ import annotations

import pytest

from tests.unit.stitch.compared import agreement


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("1951-03-09", "1951-03-09", "equal"),
        ("1951-03-09", "1981-03-09", "a slip, day and month swapped or not known"),
        ("1951-03-09", "1951-09-03", "a slip, day and month swapped or not known"),
        ("1951-03-09", "1951-01-01", "a slip, day and month swapped or not known"),
        ("1951-03-09", "1966-03-09", "the same day of another year"),
        ("1951-03-09", "1951-12-24", "the same year"),
        ("1951-03-09", "1963-12-24", "different"),
        ("1951-03-09", "1964-12-24", "a generation apart"),
        ("1964-12-24", "1951-03-09", "a generation apart"),
    ],
)
def test_how_well_two_birthdates_agree(one: str, other: str, level: str) -> None:
    assert agreement("birthdate", one, other) == level


GARY = {"given_name": "Gary", "surname": "Obrien"}
OTHER = {"given_name": "Gary", "surname": "Ramirez"}


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("gary", None),
        ("obrien", None),
        ("g.obrien", None),
        ("gary_obrien", None),
        ("obrien.gary", None),
        ("obrieng", None),
        ("garyo", None),
        ("gary77", "the same name with digits elsewhere"),
        ("gary.fishing", "the same name elsewhere"),
        ("fishing", "the same name elsewhere"),
    ],
)
def test_a_mailbox_called_after_its_owners_name_says_nothing_at_another_server(name: str, level: str | None) -> None:
    """Every Gary has `gary@` somewhere; whoever fishes may well have that mailbox twice."""
    one, other = f"{name}@one.com", f"{name}@two.com"
    for beside in ((GARY, OTHER), (OTHER, GARY), (GARY, GARY)):
        assert agreement("email", one, other, *beside) == level
    assert agreement("email", one, one, GARY, OTHER) == "equal"
    assert agreement("email", "gary@one.com", "gary@two.com") == "the same name elsewhere"
