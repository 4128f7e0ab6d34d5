"""Turns Joda date patterns, in which feeds are written, into the date parser's own (chrono's)."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"'(?P<literal>(?:[^']|'')*)'|(?P<run>([A-Za-z])\3*)|(?P<other>.)", re.DOTALL)
_PARTS = {
    "y": "%Y",
    "Y": "%Y",
    "x": "%G",
    "w": "%V",
    "e": "%u",
    "M": "%m",
    "MMM": "%B",
    "MMMM": "%B",
    "d": "%d",
    "D": "%j",
    "H": "%H",
    "h": "%I",
    "m": "%M",
    "s": "%S",
    "a": "%p",
    "E": "%A",
    "EE": "%A",
    "EEE": "%A",
    "EEEE": "%A",
    "Z": "%z",
    "ZZ": "%z",
}
"""`Y` is the year of an era in Joda, not the week's year: a calendar year; `x` is the week's. Names of months and days
are read long and short, whichever is written."""
_LONGEST = {"y": 4, "Y": 4, "x": 4, "D": 3, "e": 1, "a": 1}
"""How often a letter may stand in a row, twice unless said."""
_ODD_FRACTION = re.compile(r"(?<!\.)%[124578]f|%\d\d+f")
"""The parser knows the end of a fraction only so."""
_KNOWN = (
    "a pattern of yyyy MM dd HH hh mm ss SSS a MMM E Z, or yyyy DDD (day of the year), or xxxx ww e (week's year, "
    "week, day), and quoted text"
)


def chrono_pattern(joda: str) -> str:
    """Give the pattern that the parser takes.

    Raises ValueError, saying what would be right, for a letter that is not supported and for parts that
    make no time together.

    >>> chrono_pattern("MM/dd/yyyy HH:mm:ss.SSS")
    '%m/%d/%Y %H:%M:%S.%3f'
    """
    pieces = []
    for match in _TOKEN.finditer(joda):
        if match["literal"] is not None:
            pieces.append((match["literal"].replace("''", "'") or "'").replace("%", "%%"))
        elif match["other"] == "'":
            raise ValueError(f"{_KNOWN}, its quotes closed")
        elif match["other"] is not None:
            pieces.append(match["other"].replace("%", "%%"))
        else:
            pieces.append(_part(match["run"]))
    _refuse_incomplete(set(pieces))
    pattern = "".join(pieces)
    if _ODD_FRACTION.search(pattern):
        raise ValueError(f"{_KNOWN}, a fraction behind a point or of 3, 6 or 9 digits")
    return pattern


def _part(run: str) -> str:
    if run in ("yy", "YY"):
        return "%y"
    if set(run) == {"S"}:
        return f"%{len(run)}f"
    is_short = len(run) <= _LONGEST.get(run[0], 2) and run != "xx"
    found = _PARTS.get(run) or (_PARTS.get(run[0]) if is_short and run[0] not in "EZ" else None)
    if found is None:
        raise ValueError(f"{_KNOWN}; `{run}` is not known")
    return found


def _refuse_incomplete(pieces: set[str]) -> None:
    in_weeks, in_months = pieces & {"%G", "%V", "%u"}, pieces & {"%Y", "%y", "%m", "%B", "%d", "%j"}
    if in_weeks and (in_months or in_weeks != {"%G", "%V", "%u"}):
        raise ValueError(f"{_KNOWN}, the week's parts all together and alone")
    if not pieces & {"%Y", "%y", "%G"}:
        raise ValueError(f"{_KNOWN}, with a year")
    if "%j" in pieces and pieces & {"%m", "%B", "%d"}:
        raise ValueError(f"{_KNOWN}, with either the day of the year or month and day")
    if "%d" in pieces and not pieces & {"%m", "%B"}:
        raise ValueError(f"{_KNOWN}, with the month of a day")
    if ("%M" in pieces and not pieces & {"%H", "%I"}) or ("%S" in pieces and "%M" not in pieces):
        raise ValueError(f"{_KNOWN}, with the hour of a minute and the minute of a second")
    if ("%I" in pieces) != ("%p" in pieces):
        raise ValueError(f"{_KNOWN}, with `a` beside the hour hh and only there")
