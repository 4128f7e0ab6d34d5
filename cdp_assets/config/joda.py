"""Turns Joda date patterns, in which feeds are written, into the date parser's own (chrono's)."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"'(?P<literal>[^']*)'|(?P<run>([A-Za-z])\3*)|(?P<other>.)", re.DOTALL)
_PARTS = {
    "y": "%Y",
    "Y": "%Y",
    "M": "%m",
    "MMM": "%b",
    "MMMM": "%B",
    "d": "%d",
    "H": "%H",
    "h": "%I",
    "m": "%M",
    "s": "%S",
    "a": "%p",
    "E": "%a",
    "EE": "%a",
    "EEE": "%a",
    "EEEE": "%A",
    "Z": "%z",
    "ZZ": "%z",
}
"""`Y` is the year of an era in Joda, not the week's year: a calendar year. A `yy` from 70 on is of the 1900s."""
_KNOWN = "a pattern of yyyy MM dd HH hh mm ss SSS a MMM E Z and quoted text"


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
            pieces.append((match["literal"] or "'").replace("%", "%%"))
        elif match["other"] is not None:
            pieces.append(match["other"].replace("%", "%%"))
        else:
            pieces.append(_part(match["run"]))
    _refuse_incomplete(set(pieces))
    return "".join(pieces)


def _part(run: str) -> str:
    if run in ("yy", "YY"):
        return "%y"
    if set(run) == {"S"}:
        return f"%{len(run)}f"
    found = _PARTS.get(run) or (_PARTS.get(run[0]) if len(run) <= len("yyyy") and run[0] not in "EZ" else None)
    if found is None:
        raise ValueError(f"{_KNOWN}; `{run}` is not known")
    return found


def _refuse_incomplete(pieces: set[str]) -> None:
    if not pieces & {"%Y", "%y"}:
        raise ValueError(f"{_KNOWN}, with a year")
    if bool(pieces & {"%H", "%I"}) != ("%M" in pieces):
        raise ValueError(f"{_KNOWN}, with both the hour and the minute or neither")
    if ("%I" in pieces) != ("%p" in pieces):
        raise ValueError(f"{_KNOWN}, with `a` beside the hour hh and only there")
