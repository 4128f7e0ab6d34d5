"""Compares two records by one field."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cdp_assets.stitch.column import NOT_KNOWN
from cdp_assets.stitch.compare import FIELDS
from cdp_assets.stitch.encode import encode
from cdp_assets.stitch.normalise.records import normalised
from tests.unit.stitch.world import frame


def agreement(name: str, one: str, other: str, *beside: Mapping[str, str]) -> str | None:
    """Say how well two values of a field agree, as its level in words, or None where they say nothing.

    beside: What else each of the two records says.
    """
    others = beside or ({}, {})
    records = [
        {"datasource": "a", "pk": str(row), name: value, **others[row]} for row, value in enumerate((one, other))
    ]
    left, right = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    [level] = FIELDS[name].judge(encode(normalised(frame(records), ())), left, right)
    return None if level == NOT_KNOWN else FIELDS[name].levels[level]
