"""How well names agree: a middle name and its initial, names in each other's columns."""

from __future__ import annotations

import numpy as np
import pytest

from cdp_assets.stitch.compare import compare
from cdp_assets.stitch.compare_names import GIVEN, SURNAME
from cdp_assets.stitch.encode import encode
from cdp_assets.stitch.normalise.records import normalised
from tests.unit.stitch.compared import agreement
from tests.unit.stitch.world import frame

Names = tuple[str | None, str | None, str | None]
SLIP = "a slip of the pen"


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


@pytest.mark.parametrize(
    ("one", "other", "levels"),
    [
        (("Jonathan", None, "Peixoto"), ("Peixoto", None, "Jonathan"), (SLIP, SLIP)),
        (("Jonathan", None, "Peixoto"), ("Peixotto", None, "Jonathan"), (SLIP, SLIP)),
        (("Jonathan", None, "Peixoto"), ("Peixoto", None, "Jontahan"), (SLIP, SLIP)),
        (("Ana Júlia", None, "Rocha"), ("Rocha", None, "Ana Júlia"), (SLIP, SLIP)),
        (("Mary", "Ann", "Rocha"), ("Rocha", None, "Mary"), (SLIP, SLIP)),
        (("Ágatha", None, "da Luz"), ("da Luz", None, "Agatha"), (SLIP, SLIP)),
        (("Jonathan", None, "Peixoto"), ("Peixoto", None, "Jessica"), ("different", "different")),
        (("Jonathan", None, "Peixoto"), ("Pereira", None, "Jonathan"), ("different", "different")),
        (("Thomas", None, "Thomas"), ("Thomas", None, "Thomas"), ("equal", "equal")),
        (("Thomas", None, "Thomas"), ("Thomas", None, "Tomas"), ("equal", SLIP)),
        (("Al", None, "Li"), ("La", None, "Al"), ("different", "different")),
    ],
)
def test_swapped_names_are_a_slip(one: Names, other: Names, levels: tuple[str, str]) -> None:
    """Whoever swaps them may slip once more, and a name of several words is one name."""
    records = [
        {"datasource": "a", "pk": str(row), "given_name": given, "middle_name": middle, "surname": surname}
        for row, (given, middle, surname) in enumerate((one, other))
    ]
    encoded = encode(normalised(frame(records), ()))
    ends = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    for left, right in (ends, ends[::-1]):
        [[given, surname]] = compare(encoded, ("given_name", "surname"), left, right)
        assert (GIVEN[given], SURNAME[surname]) == levels
