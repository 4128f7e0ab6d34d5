"""The courier's pattern language: quoted literals, date parts between them, `*` that stops at a slash."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

DATE_PARTS = {"yyyy": r"\d{4}", "MM": r"\d{2}", "dd": r"\d{2}"}
_TOKEN = re.compile(r"'(?P<literal>[^']*)'|(?P<part>yyyy|MM|dd)|(?P<other>.)", re.DOTALL)

_PART = r"(?:/(?![._])[^/]+)?"


@dataclass(frozen=True)
class FilePattern:
    """A parsed pattern; matches a name and tells the date that stands in it."""

    text: str
    expression: re.Pattern[str]

    @classmethod
    def parse(cls, text: str, *, in_parts: bool = False) -> FilePattern:
        """Read a pattern; raises ValueError saying what would be right.

        Args:
            text: The pattern.
            in_parts: Whether it may also name a folder of part files. Those that begin with `.` or `_` are the marks
                of the tool that made the folder; what is in folders below it is none of them.

        >>> FilePattern.parse("'a_'yyyy'-'MM'-'dd'.csv'").date_in("a_2026-11-20.csv")
        datetime.date(2026, 11, 20)
        """
        pieces, seen = [], set[str]()
        for match in _TOKEN.finditer(text):
            if match["other"] is not None:
                msg = f"quoted literals with yyyy, MM, dd between them; {match['other']!r} stands outside quotes"
                raise ValueError(msg)
            if match["part"]:
                name = match["part"]
                pieces.append(f"(?P={name})" if name in seen else f"(?P<{name}>{DATE_PARTS[name]})")
                seen.add(name)
            else:
                pieces.append("[^/]*".join(re.escape(piece) for piece in match["literal"].split("*")))
        if not pieces:
            raise ValueError("a pattern such as 'customers_'yyyy'_'MM'_'dd'.csv'")
        if seen and seen != set(DATE_PARTS):
            raise ValueError("yyyy, MM and dd together, or none of them")
        return cls(text, re.compile("".join(pieces) + (_PART if in_parts else "")))

    @property
    def has_date(self) -> bool:
        """Whether matching names hold a date."""
        return bool(self.expression.groupindex)

    @property
    def beginning(self) -> str:
        """What every matching name begins with, as far as the pattern tells it outright.

        >>> FilePattern.parse("'in/'yyyy'/'MM'/'dd'/a.csv'").beginning, FilePattern.parse("'in/a*.csv'").beginning
        ('in/', 'in/a')
        """
        literals = ""
        for match in _TOKEN.finditer(self.text):
            literal, star, _ = (match["literal"] or "*").partition("*")
            literals += literal
            if star:
                break
        return literals

    def matches(self, name: str) -> bool:
        """Say whether a name, relative to the courier's location, fits."""
        match = self.expression.fullmatch(name)
        return match is not None and (not match.groupdict() or _date(match) is not None)

    def date_in(self, name: str) -> dt.date | None:
        """Give the date in a matching name, or nothing where the pattern has none."""
        match = self.expression.fullmatch(name)
        return _date(match) if match is not None and match.groupdict() else None


def _date(match: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(int(match["yyyy"]), int(match["MM"]), int(match["dd"]))
    except ValueError:
        return None
