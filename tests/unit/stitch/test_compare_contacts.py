"""How well birthdates agree: slips of the pen, parts in each other's place, and dates of another generation."""

from __future__ import annotations

import numpy as np
import pytest

from cdp_assets.stitch.compare_contacts import BIRTHDATE, birthdates
from cdp_assets.stitch.encode import encode
from cdp_assets.stitch.normalise.records import normalised
from tests.unit.stitch.world import frame


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
    records = [{"datasource": "a", "pk": str(row), "birthdate": date} for row, date in enumerate((one, other))]
    left, right = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    [found] = birthdates(encode(normalised(frame(records), ())), left, right)
    assert BIRTHDATE[found] == level
