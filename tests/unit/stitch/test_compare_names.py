"""How well names agree: a middle name and its initial."""

from __future__ import annotations

import numpy as np
import pytest

from cdp_assets.stitch.compare_names import MIDDLE, middle_names
from cdp_assets.stitch.encode import encode
from cdp_assets.stitch.normalise.records import normalised
from tests.unit.stitch.world import frame


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
    records = [{"datasource": "a", "pk": str(row), "middle_name": name} for row, name in enumerate((one, other))]
    left, right = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    [found] = middle_names(encode(normalised(frame(records), ())), left, right)
    assert MIDDLE[found] == level
