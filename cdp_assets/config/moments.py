"""Moments that a marketer writes: a day, a time, or a day relative to the business date."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

Unit = Literal["day", "month"]
WORDS = {"yesterday": -1, "today": 0, "tomorrow": 1}
UNITS: dict[str, tuple[Unit, int]] = {
    "day": ("day", 1),
    "week": ("day", 7),
    "month": ("month", 1),
    "year": ("month", 12),
}
"""Word -> the unit that is counted in, and how many of them it is."""
EXPECTED = "a day such as 2026-11-20, a time such as 2026-11-20T08:30:00Z, today, or 30 days ago"
MONTHS = 12
_RELATIVE = re.compile(r"(?P<count>\d{1,4}) (?P<unit>day|week|month|year)s? (?P<way>ago|from now)")


@dataclass(frozen=True)
class Relative:
    """So many days or months after the business date; before it when negative."""

    count: int
    unit: Unit

    def on(self, business_date: dt.date) -> dt.date:
        """Give the day that is meant; a month that is too short ends with its last day, as Spark's ADD_MONTHS does.

        >>> Relative(-1, "month").on(dt.date(2026, 3, 31))
        datetime.date(2026, 2, 28)
        """
        if self.unit == "day":
            return business_date + dt.timedelta(days=self.count)
        year, month = divmod(business_date.year * MONTHS + business_date.month - 1 + self.count, MONTHS)
        last = calendar.monthrange(year, month + 1)[1]
        return dt.date(year, month + 1, min(business_date.day, last))


Moment = dt.datetime | dt.date | Relative


def moment_of(text: str) -> Moment:
    """Read a moment; a time is given in UTC. Raises ValueError for anything else, and for a time without a zone.

    >>> moment_of("2 weeks ago"), moment_of("2026-11-20")
    (Relative(count=-14, unit='day'), datetime.date(2026, 11, 20))
    """
    if text in WORDS:
        return Relative(WORDS[text], "day")
    if match := _RELATIVE.fullmatch(text):
        unit, times = UNITS[match["unit"]]
        return Relative(int(match["count"]) * times * (-1 if match["way"] == "ago" else 1), unit)
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return _time(text)


def _time(text: str) -> dt.datetime:
    try:
        found = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(EXPECTED) from None
    if found.tzinfo is None:
        raise ValueError("a time with its zone, such as 2026-11-20T08:30:00Z")
    return found.astimezone(dt.UTC)
