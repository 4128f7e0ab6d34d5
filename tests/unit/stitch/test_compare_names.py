"""How well names agree: a middle name and its initial."""

from __future__ import annotations

import pytest

from tests.unit.stitch.compared import agreement


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Anne", "ANNE", "equal"),
        ("A", "a.", "equal"),
        ("Anne", "A.", "an initial"),
        ("A", "Anne Marie", "an initial"),
        ("Katherine", "Kathrine", "alike"),
        ("Anne", "Anne Marie", "alike"),
        ("Randy", "Wesley", "different"),
        ("B", "Anne", "different"),
        ("A", "B", "different"),
    ],
)
def test_how_well_two_middle_names_agree(one: str, other: str, level: str) -> None:
    assert agreement("middle_name", one, other) == level
