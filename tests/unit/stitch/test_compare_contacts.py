"""How well birthdates agree: slips of the pen, parts in each other's place, and dates of another generation."""

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
