"""Reads dates and times written in any of the documented formats, each value by the first that fits.

Nine ways to write a date times fourteen to write a time; month before day where both would do. A time without
a zone is UTC.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

DATES = (
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%d-%b-%Y",
    "%b %d, %Y",
)
TIMES = (
    "",
    " %H:%M:%S",
    "T%H:%M:%S",
    " %H:%M:%S%.f",
    "T%H:%M:%S%.f",
    " %H:%M",
    "T%H:%M",
    " %H:%M:%S%z",
    "T%H:%M:%S%z",
    " %H:%M:%S%.f%z",
    "T%H:%M:%S%.f%z",
    "T%H:%M%z",
    " %I:%M:%S %p",
    " %I:%M %p",
)
FIRST_FOUR_DIGIT_YEAR, LATEST_YEAR = 1000, 9999
FOUR_DIGITS_FROM_ZERO = r"(^|\D)0\d{3}(\D|$)"
"""The parser reads `26` as the year 26; only a year spelled with four digits is one."""
MOST_SAMPLES = 12
"""After so many looks at one value, the rest is tried against every format at once."""
_NUMBERS = {"%Y": 4, "%y": 2, "%m": 2, "%d": 2, "%H": 2, "%I": 2, "%M": 2, "%S": 2} | {
    f"%{digits}f": digits for digits in range(1, 10)
}
"""How many digits each numeric part has at most."""
_PIECES = {
    "%Y": r" *\+?\d{4}",
    "%b": r"[A-Za-z]{3,9}",
    "%B": r"[A-Za-z]{3,9}",
    "%a": r"[A-Za-z]{3}",
    "%A": r"[A-Za-z]{3,9}",
    "%p": r"[AaPp][Mm]",
    "%.f": r"(\.\d+)?",
    "%z": r" ?([zZ]|[+-]\d\d:?\d\d)",
}
UTC_MICROSECONDS = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Format:
    """One way to write a date and a time."""

    pattern: str
    """In chrono's letters."""

    @functools.cached_property
    def expression(self) -> str:
        """A regular expression of what the format can read; it lets through some texts that are no date."""
        pieces = self._pieces
        around = zip(["", *pieces], pieces, [*pieces[1:], ""], strict=False)
        return "".join(_expression(piece, {before, after}) for before, piece, after in around)

    @functools.cached_property
    def _pieces(self) -> list[str]:
        return [piece for piece in re.split(r"(%\.f|%\d?[A-Za-z])", self.pattern) if piece]

    @functools.cached_property
    def _runs_together(self) -> bool:
        """Whether numbers stand side by side, so that only their widths tell them apart."""
        return any(one in _NUMBERS and other in _NUMBERS for one, other in itertools.pairwise(self._pieces))

    def may_read(self, text: str) -> bool:
        """Say whether a text looks as the format writes it."""
        return re.fullmatch(self.expression, text) is not None

    @property
    def shape(self) -> str:
        """What the format looks like: a value may fit two formats only when they look the same."""
        return self.pattern.replace("%m", "%d")

    def read(self, texts: pl.Series) -> pl.Series:
        """Give what the format reads as UTC times, null where it does not fit."""
        zoned = "%z" in self.pattern
        given = texts.str.replace(r"[zZ]$", "+00:00") if zoned else texts
        if zoned and " %z" not in self.pattern:
            given = given.str.replace(r" ([+-]\d\d:?\d\d)$", "$1")
        if not any(part in self.pattern for part in ("%H", "%I")):
            found = given.str.to_date(self.pattern, strict=False).cast(pl.Datetime("us"))
        else:
            found = given.str.to_datetime(self.pattern, time_unit="us", strict=False)
        found = found if zoned else found.dt.replace_time_zone("UTC")
        found = found.cast(UTC_MICROSECONDS)
        doubtful = ~found.dt.year().is_between(FIRST_FOUR_DIGIT_YEAR, LATEST_YEAR)
        if doubtful.any():
            found = found.set(doubtful & ~texts.str.contains(FOUR_DIGITS_FROM_ZERO), None)
        return found.set(~texts.str.contains(f"^{self.expression}$"), None) if self._runs_together else found


def _expression(piece: str, neighbours: set[str]) -> str:
    digits = _NUMBERS.get(piece)
    if digits is None:
        return _PIECES.get(piece) or re.escape(piece)
    if neighbours & _NUMBERS.keys():
        return rf"\d{{{digits}}}"
    return _PIECES.get(piece) or rf" *\d{{1,{digits}}}"


DOCUMENTED = tuple(Format(date + time) for time, date in itertools.product(TIMES, DATES))
DATE_ONLY = tuple(Format(date) for date in DATES)


def read_times(texts: pl.Series, formats: tuple[Format, ...] = DOCUMENTED) -> pl.Series:
    """Give each text as a UTC time (microseconds) by the first format that reads it, null where none does.

    Formats are picked by what the values look like, so that a column in one format costs one pass; among those
    that look alike the documented order decides, value by value.
    """
    found = _nothing(texts)
    if (at := _first(texts.is_not_null())) is not None:
        found = _fill(found, texts, _formats_like(texts[at], formats))
    places = (found.is_null() & texts.is_not_null()).arg_true()
    return found.scatter(places, _read_others(texts.gather(places), formats)) if len(places) else found


def _read_others(texts: pl.Series, formats: tuple[Format, ...]) -> pl.Series:
    """Read what is not written as the column's first value is."""
    texts = texts.set(~texts.str.contains(_any_of(formats)), None)
    found = _nothing(texts)
    rest = texts.is_not_null()
    for _ in range(MOST_SAMPLES):
        if (at := _first(rest)) is None:
            return found
        found = _fill(found, texts, _formats_like(texts[at], formats))
        rest &= found.is_null() & (texts != texts[at])
    return _fill(found, texts, formats)


def _nothing(texts: pl.Series) -> pl.Series:
    return pl.repeat(None, len(texts), dtype=UTC_MICROSECONDS, eager=True).alias(texts.name)


def _first(places: pl.Series) -> int | None:
    at = places.arg_max()
    return at if at is not None and places[at] else None


@functools.cache
def _any_of(formats: tuple[Format, ...]) -> str:
    return f"^({'|'.join(dict.fromkeys(one.expression for one in formats))})$"


def _formats_like(text: str, formats: tuple[Format, ...]) -> list[Format]:
    """Give the formats that look like the first one that reads a value; none where none reads it."""
    sample = pl.Series([text])
    for one in formats:
        if one.may_read(text) and one.read(sample)[0] is not None:
            return [other for other in formats if other.shape == one.shape]
    return []


def _fill(found: pl.Series, texts: pl.Series, formats: Iterable[Format]) -> pl.Series:
    for one in formats:
        if found.null_count() == len(found):
            found = one.read(texts).alias(texts.name)
            continue
        places = (found.is_null() & texts.is_not_null()).arg_true()
        if not len(places):
            break
        found = found.clone().scatter(places, one.read(texts.gather(places)))
    return found
