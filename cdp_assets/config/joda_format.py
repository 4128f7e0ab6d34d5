"""Spells a moment by a Joda date pattern, in which the names of files are written."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

_TOKEN = re.compile(r"(?P<run>([A-Za-z])\2*)|(?P<other>[^A-Za-z]+)")
KNOWN = "yyyy MM dd HH mm ss with other characters between them"
_SPELLED: dict[str, Callable[[dt.datetime], str]] = {
    "yyyy": lambda at: f"{at.year:04d}",
    "yy": lambda at: f"{at.year % 100:02d}",
    "MMMM": lambda at: f"{at:%B}",
    "MMM": lambda at: f"{at:%b}",
    "MM": lambda at: f"{at.month:02d}",
    "M": lambda at: f"{at.month}",
    "dd": lambda at: f"{at.day:02d}",
    "d": lambda at: f"{at.day}",
    "DDD": lambda at: f"{at:%j}",
    "EEEE": lambda at: f"{at:%A}",
    "EEE": lambda at: f"{at:%a}",
    "HH": lambda at: f"{at.hour:02d}",
    "H": lambda at: f"{at.hour}",
    "hh": lambda at: f"{at:%I}",
    "h": lambda at: f"{at.hour % 12 or 12}",
    "mm": lambda at: f"{at.minute:02d}",
    "ss": lambda at: f"{at.second:02d}",
    "SSS": lambda at: f"{at.microsecond // 1000:03d}",
    "a": lambda at: f"{at:%p}",
}
"""Part of a pattern -> its spelling; `Y` is the year of an era in Joda, so `YYYY` is `yyyy`."""


class UnknownPartError(ValueError):
    """A pattern holds letters that are no part of a date; `start` is where, `expected` what would be right."""

    def __init__(self, part: str, start: int, problem: str, expected: str) -> None:
        self.part, self.start, self.problem, self.expected = part, start, problem, expected
        super().__init__(f"{problem}. Expected {expected}.")


def spelled(moment: dt.datetime, pattern: str) -> str:
    """Give a moment's spelling by a pattern that `check_pattern` lets through.

    >>> spelled(dt.datetime(2026, 3, 9, 14, 5), "d MMM YYYY, hh:mm a")
    '9 Mar 2026, 02:05 PM'
    """
    pieces = (match["other"] or _SPELLED[_named(match["run"])](moment) for match in _TOKEN.finditer(pattern))
    return "".join(pieces)


def check_pattern(pattern: str) -> None:
    """Raise UnknownPartError for letters that are no part of a date, and for minutes where a month is meant."""
    runs = [(match["run"], match.start()) for match in _TOKEN.finditer(pattern) if match["run"]]
    for run, start in runs:
        if _named(run) not in _SPELLED:
            raise UnknownPartError(run, start, f"`{run}` is no part of a date", KNOWN)
    if not any(run[0] in "Hh" for run, _ in runs):
        for run, start in runs:
            if run == "mm":
                raise UnknownPartError(run, start, "`mm` is the minute, and no hour stands beside it", "MM for a month")


def _named(run: str) -> str:
    return run.replace("Y", "y")
