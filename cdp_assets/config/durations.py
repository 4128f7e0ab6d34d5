"""Lengths of time as people write them: `90 minutes`, `1 day`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field

PATTERN = r"^\d{1,4} (second|minute|hour|day|week)s?$"
Duration = Annotated[str, Field(pattern=PATTERN)]
"""Up to four digits and a unit from seconds to weeks."""


def duration(text: str) -> dt.timedelta:
    """Give the length of time that a `Duration` spells.

    >>> duration("90 minutes"), duration("1 day")
    (datetime.timedelta(seconds=5400), datetime.timedelta(days=1))
    """
    count, unit = text.split()
    return dt.timedelta(**{unit.removesuffix("s") + "s": int(count)})
