"""Reads dates as Presto reads them: by MySQL's patterns, Joda's, ISO 8601 and durations. Wrong text gives nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import cache
from zoneinfo import ZoneInfo

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PIVOT = 2020
"""Two digits of a year mean the one of the hundred years from 50 before it."""
JODA_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
JODA_ZONE = re.compile(r"(?:'[^']*'|[^'Zz])*[Zz]")
ISO = re.compile(
    r"(\d{4,})-?(\d\d)?-?(\d\d)?(?:T(\d\d)?(?::?(\d\d))?(?::?(\d\d))?(?:[.,](\d+))?)?(Z|[+-]\d\d(?::?\d\d)?)?",
    re.IGNORECASE,
)
ISO_WEEK = re.compile(r"(\d{4})-W(\d\d)(?:-(\d))?")
DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(ns|us|ms|s|m|h|d)\s*")
UNITS = {"ns": 1e-3, "us": 1.0, "ms": 1e3, "s": 1e6, "m": 6e7, "h": 3.6e9, "d": 8.64e10}
_ZONE = r"(?P<zone>Z|[+-]\d{1,2}(?::?\d\d)?|[A-Za-z_]+(?:/[A-Za-z_]+)*)"

MYSQL_FORMS = {
    "Y": r"(?P<year>\d{1,4})", "y": r"(?P<short>\d\d)", "m": r"(?P<month>\d{1,2})", "c": r"(?P<month>\d{1,2})",
    "d": r"(?P<day>\d{1,2})", "e": r"(?P<day>\d{1,2})", "H": r"(?P<hour>\d{1,2})", "k": r"(?P<hour>\d{1,2})",
    "h": r"(?P<half>\d{1,2})", "I": r"(?P<half>\d{1,2})", "l": r"(?P<half>\d{1,2})", "i": r"(?P<minute>\d{1,2})",
    "s": r"(?P<second>\d{1,2})", "S": r"(?P<second>\d{1,2})", "f": r"(?P<fraction>\d{1,9})", "p": r"(?P<noon>AM|PM)",
    "j": r"(?P<ordinal>\d{1,3})", "M": rf"(?P<name>{'|'.join(MONTHS)})",
    "b": rf"(?P<name>{'|'.join(m[:3] for m in MONTHS)})",
    "W": rf"(?:{'|'.join(DAYS)})", "a": rf"(?:{'|'.join(d[:3] for d in DAYS)})", "%": "%",
    "T": r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})",
    "r": r"(?P<half>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2}) (?P<noon>AM|PM)",
}  # fmt: skip


def date_parse(value: str | None, pattern: str | None) -> int | None:
    """Give the microseconds since 1970 of text in a MySQL pattern.

    >>> date_parse("01/31/24 01:05 PM", "%m/%d/%y %h:%i %p")
    1706706300000000
    """
    return None if value is None or pattern is None else _matched(_mysql_form(pattern), value)


def parse_datetime(value: str | None, pattern: str | None) -> int | None:
    """Give the microseconds since 1970 of text in a Joda pattern."""
    return None if value is None or pattern is None else _matched(_joda_form(pattern), value)


@cache
def _mysql_form(pattern: str) -> re.Pattern[str] | None:
    return _compiled(_mysql_parts(pattern))


def _mysql_parts(pattern: str) -> Iterator[str]:
    letters = iter(pattern)
    for letter in letters:
        code = next(letters, "%") if letter == "%" else None
        yield re.escape(letter) if code is None else MYSQL_FORMS.get(code, re.escape(code))


@cache
def _joda_form(pattern: str) -> re.Pattern[str] | None:
    return _compiled(_joda_part(token) for token in JODA_TOKEN.finditer(pattern))


def _joda_part(token: re.Match[str]) -> str:
    written, letter = token[0], token[2]
    if letter is None:
        return re.escape(written if token[1] is None else token[1].replace("''", "'") or "'")
    count = len(written)
    if letter in "yYu":
        return r"(?P<short>\d\d)" if count == len("yy") else rf"(?P<year>-?\d{{1,{max(count, 4)}}})"
    if letter == "M":
        return MYSQL_FORMS["m"] if count < len("MMM") else rf"(?P<name>{'|'.join([*MONTHS, *(m[:3] for m in MONTHS)])})"
    if letter == "E":
        return rf"(?:{'|'.join([*DAYS, *(d[:3] for d in DAYS)])})"
    simple = {"d": "d", "H": "H", "k": "H", "h": "h", "K": "h", "m": "i", "s": "s", "a": "p", "D": "j"}
    if letter in simple:
        return MYSQL_FORMS[simple[letter]]
    return {"S": rf"(?P<fraction>\d{{1,{count}}})", "Z": _ZONE, "z": _ZONE}.get(letter, r"(?!)")


def _compiled(parts: Iterator[str]) -> re.Pattern[str] | None:
    try:
        return re.compile("".join(parts), re.IGNORECASE | re.ASCII)
    except re.error:
        return None


def _matched(form: re.Pattern[str] | None, value: str) -> int | None:
    found = form.fullmatch(value) if form is not None else None
    if found is None:
        return None
    try:
        return micros(_moment({name: part for name, part in found.groupdict().items() if part is not None}))
    except (ValueError, OverflowError, KeyError, OSError):
        return None


def _moment(parts: dict[str, str]) -> dt.datetime:
    """Put the parts of a date together; those that are absent are those of 1970 begun."""
    year = int(parts.get("year", "1970"))
    if "short" in parts:
        low = PIVOT - 50
        year = low + (int(parts["short"]) - low) % 100
    month = int(parts.get("month", "1"))
    if "name" in parts:
        month = next(at for at, name in enumerate(MONTHS, 1) if name.startswith(parts["name"].lower()[:3]))
    day = dt.datetime(year, month, int(parts.get("day", "1")), tzinfo=_zone(parts.get("zone")))
    if "ordinal" in parts:
        day = dt.datetime(year, 1, 1, tzinfo=day.tzinfo) + dt.timedelta(int(parts["ordinal"]) - 1)
    hour = int(parts.get("hour", "0"))
    if "half" in parts:
        hour = _half(int(parts["half"])) + 12 * (parts.get("noon", "").upper() == "PM")
    fraction = int(parts.get("fraction", "0").ljust(9, "0")[:3]) * 1000
    return day.replace(
        hour=hour, minute=int(parts.get("minute", "0")), second=int(parts.get("second", "0")), microsecond=fraction
    )


def _half(hour: int) -> int:
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12


def _zone(name: str | None) -> dt.tzinfo:
    if name is None or name.upper() in ("Z", "UTC"):
        return dt.UTC
    if name[0] in "+-":
        digits = name[1:].replace(":", "").ljust(4, "0")
        offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
        return dt.timezone(-offset if name[0] == "-" else offset)
    return ZoneInfo(name)


def micros(moment: dt.datetime) -> int:
    """Give the microseconds since 1970."""
    return (moment - EPOCH) // dt.timedelta(microseconds=1)


def iso_timestamp(value: str | None) -> int | None:
    """Give the microseconds since 1970 of text in ISO 8601; milliseconds are kept.

    >>> iso_timestamp("2024-01-31T10:00:00+01:00")
    1706691600000000
    """
    found = ISO.fullmatch(value) if value is not None else None
    if value is None or found is None:
        return _iso_week(value)
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        thousandths = int((fraction or "0").ljust(3, "0")[:3])
        day_ = dt.datetime(int(year), int(month or 1), int(day or 1), tzinfo=_zone(zone))
        clock = dt.time(int(hour or 0), int(minute or 0), int(second or 0), thousandths * 1000, day_.tzinfo)
        return micros(dt.datetime.combine(day_, clock))
    except (ValueError, OverflowError):
        return None


def _iso_week(value: str | None) -> int | None:
    found = ISO_WEEK.fullmatch(value) if value is not None else None
    if found is None:
        return None
    try:
        day = dt.date.fromisocalendar(int(found[1]), int(found[2]), int(found[3] or 1))
    except ValueError:
        return None
    return micros(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC))


def iso_zone(value: str) -> str:
    """Give the zone that ISO text names; UTC where it names none."""
    found = ISO.fullmatch(value)
    zone = found[8] if found is not None else None
    if zone is None or zone.upper() == "Z":
        return "UTC"
    return zone if ":" in zone else f"{zone[:3]}:{zone[3:] or '00'}"


def iso_date(value: str | None) -> str | None:
    """Give the day of ISO text without a time."""
    found = iso_timestamp(value) if value is not None and "T" not in value.upper() else None
    return None if found is None else (EPOCH + dt.timedelta(microseconds=found)).date().isoformat()


def duration(value: str | None) -> int | None:
    """Give the microseconds of a duration such as 1.5m, whole milliseconds."""
    found = DURATION.fullmatch(value) if value is not None else None
    return None if found is None else round(float(found[1]) * UNITS[found[2]] / 1000) * 1000


KERNELS: dict[str, tuple[Callable[..., object], str]] = {
    "date_parse": (date_parse, "bigint"),
    "parse_datetime": (parse_datetime, "bigint"),
    "iso_timestamp": (iso_timestamp, "bigint"),
    "iso_date": (iso_date, "string"),
    "duration": (duration, "bigint"),
}
