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
_PIECES = {
    "%Y": r"\d{4}",
    "%m": r"\d{1,2}",
    "%d": r"\d{1,2}",
    "%H": r"\d{1,2}",
    "%I": r"\d{1,2}",
    "%M": r"\d{1,2}",
    "%S": r"\d{1,2}",
    "%b": r"[A-Za-z]{3,9}",
    "%p": r"[AaPp][Mm]",
    "%.f": r"(\.\d+)?",
    "%z": r" ?([zZ]|[+-]\d\d:?\d\d)",
}
UTC_MICROSECONDS = pl.Datetime("us", "UTC")


@dataclass(frozen=True)
class Format:
    """One way to write a date and a time."""

    pattern: str

    @functools.cached_property
    def expression(self) -> str:
        """A regular expression of what the format can read; it lets through some texts that are no date."""
        pieces = re.split(r"(%\.f|%[A-Za-z])", self.pattern)
        return "".join(_PIECES.get(piece, re.escape(piece)) for piece in pieces)

    def may_read(self, text: str) -> bool:
        """Say whether a text looks as the format writes it."""
        return re.fullmatch(self.expression, text) is not None

    @property
    def shape(self) -> str:
        """What the format looks like: a value may fit two formats only when they look the same."""
        return self.pattern.replace("%m", "%d")

    def read(self, texts: pl.Series) -> pl.Series:
        """Give what the format reads as UTC times, null where it does not fit."""
        zoned = self.pattern.endswith("%z")
        given = texts.str.replace(r"[zZ]$", "+00:00").str.replace(r" ([+-]\d\d:?\d\d)$", "$1") if zoned else texts
        if not any(part in self.pattern for part in ("%H", "%I")):
            found = given.str.to_date(self.pattern, strict=False).cast(pl.Datetime("us"))
        else:
            found = given.str.to_datetime(self.pattern, time_unit="us", strict=False)
        found = found if zoned else found.dt.replace_time_zone("UTC")
        found = found.cast(UTC_MICROSECONDS)
        doubtful = ~found.dt.year().is_between(FIRST_FOUR_DIGIT_YEAR, LATEST_YEAR)
        if doubtful.any():
            found = found.set(doubtful & ~texts.str.contains(FOUR_DIGITS_FROM_ZERO), None)
        return found


DOCUMENTED = tuple(Format(date + time) for time, date in itertools.product(TIMES, DATES))
DATE_ONLY = tuple(Format(date) for date in DATES)


def read_times(texts: pl.Series, formats: tuple[Format, ...] = DOCUMENTED) -> pl.Series:
    """Give each text as a UTC time (microseconds) by the first format that reads it, null where none does.

    Formats are picked by what the values look like, so that a column in one format costs one pass; among those
    that look alike the documented order decides, value by value.
    """
    found = pl.Series(texts.name, [None] * len(texts), dtype=UTC_MICROSECONDS)
    if (at := _first(texts.is_not_null())) is not None:
        found = _fill(found, texts, _formats_like(texts[at], formats))
    rest = found.is_null() & texts.is_not_null()
    if rest.any():
        rest &= texts.str.contains(_any_of(formats))
    for _ in range(MOST_SAMPLES):
        if (at := _first(rest)) is None:
            return found
        found = _fill(found, texts, _formats_like(texts[at], formats))
        rest &= found.is_null() & (texts != texts[at])
    return _fill(found, texts, formats)


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
        rest = found.is_null()
        if not rest.any():
            break
        if rest.all():
            found = one.read(texts).alias(texts.name)
        else:
            places = rest.arg_true()
            found = found.clone().scatter(places, one.read(texts.gather(places)))
    return found
