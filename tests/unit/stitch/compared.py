"""Compares two records by one field."""

from __future__ import annotations

import numpy as np

from cdp_assets.stitch.compare import FIELDS
from cdp_assets.stitch.encode import encode
from cdp_assets.stitch.normalise.records import normalised
from tests.unit.stitch.world import frame


def agreement(name: str, one: str, other: str) -> str:
    """Say how well two values of a field agree, as its level in words."""
    records = [{"datasource": "a", "pk": str(row), name: value} for row, value in enumerate((one, other))]
    left, right = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    [level] = FIELDS[name].judge(encode(normalised(frame(records), ())), left, right)
    return FIELDS[name].levels[level]
