"""Reads dates and times written in any of the documented formats, each value by the first that fits its column.

Nine ways to write a date times fourteen to write a time. Whether `03/04/2026` is in March or in April is decided once
for a column: month before day where both would do for all its values. A time without a zone is UTC.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable

import polars as pl

from cdp_assets.config.joda import chrono_pattern
from cdp_assets.lakehouse.arrow import MOMENT
from cdp_assets.sources.time_format import Format

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
_SLASHES = r"^ *(\d{1,2})/ *(\d{1,2})/"
_MONTH_FIRST, _DAY_FIRST = "%m/%d/", "%d/%m/"
FIRST_SAMPLES = 3
"""Values that are looked at before all are held against an expression of every format, a microsecond each: one way to
write a time, and two of the words that stand for none."""
MOST_SAMPLES = 12
"""After so many looks at one value, the rest is tried against every format at once."""

DOCUMENTED = tuple(Format(date + time) for time, date in itertools.product(TIMES, DATES))


class Times:
    """Reads the texts of one column of one file, a batch at a time: all of them month first, or all day first."""

    def __init__(self) -> None:
        self.left_out: str | None = None
        """How the dates begin that are not in this column, once a date with slashes has told."""

    def read(self, texts: pl.Series, formats: tuple[Format, ...]) -> pl.Series:
        """Give each text as a UTC time, null where no format of this column reads it."""
        if self.left_out is None:
            self.left_out = _left_out(texts)
        return read_times(texts, _without(formats, self.left_out))


def _left_out(texts: pl.Series) -> str | None:
    """Say which of `03/04/2026`'s two meanings fits fewer of the dates with slashes; nothing where there are none."""
    slashed = texts.filter(texts.str.contains(_SLASHES))
    if not len(slashed):
        return None
    first, second = (slashed.str.extract(_SLASHES, group).cast(pl.Int64) <= 12 for group in (1, 2))
    return _DAY_FIRST if first.sum() >= second.sum() else _MONTH_FIRST


@functools.cache
def _without(formats: tuple[Format, ...], front: str | None) -> tuple[Format, ...]:
    return formats if front is None else tuple(one for one in formats if not one.pattern.startswith(front))


@functools.cache
def joda_formats(pattern: str) -> tuple[Format, ...]:
    """Give the formats that a Joda pattern reads, in order: where it has two digits of a year, a text may have four."""
    chrono = chrono_pattern(pattern)
    return tuple(Format(one) for one in dict.fromkeys((chrono, chrono.replace("%y", "%Y"))))


def read_times(texts: pl.Series, formats: tuple[Format, ...]) -> pl.Series:
    """Give each text as a UTC time (microseconds) by the first format that reads it, null where none does.

    Formats are picked by what the values look like, so that a column in one format costs one pass; among those
    that look alike the documented order decides, value by value.
    """
    found, rest = _nothing(texts), texts.is_not_null()
    for _ in range(FIRST_SAMPLES):
        if (at := _first(rest)) is None:
            return found
        found = _fill(found, texts, _formats_like(texts[at], formats))
        rest &= found.is_null() & (texts != texts[at])
    places = rest.arg_true()
    return found.scatter(places, _read_others(texts.gather(places), formats)) if len(places) else found


def read_in_order(texts: pl.Series, formats: tuple[Format, ...]) -> pl.Series:
    """Give each text as a UTC time by the first of a few formats that reads it, whatever the texts look like."""
    return _fill(_nothing(texts), texts, formats)


def _read_others(texts: pl.Series, formats: tuple[Format, ...]) -> pl.Series:
    """Read what is not written as the column's first values are."""
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
    return pl.repeat(None, len(texts), dtype=MOMENT, eager=True).alias(texts.name)


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
