"""Filename templates: literal text with `{{now|local:'Europe/Berlin'|next_day|format:'yyyy_MM_dd'}}` and the like."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Mapping
from types import MappingProxyType

from cdp_assets.errors import ConfigError

_PLACEHOLDER = re.compile(r"\{\{(.*?)\}\}")
_FILTER = re.compile(r"\s*(?P<name>[a-z_]+)\s*(:\s*'(?P<argument>[^']*)')?\s*")
_UNSAFE = re.compile(r"[\x00-\x1f/\\]|^\.{0,2}$")
_JODA = re.compile(r"'([^']*)'|yyyy|YYYY|yy|MMM|MM|M|dd|d|HH|hh|mm|ss|SSS|[^A-Za-z]|([A-Za-z]+)")
DEFAULT_FORMAT = "yyyy-MM-dd"
RIGHT = "text with {{now|format:'yyyy_MM_dd'}} or {{file_number}}"
FILE_NUMBER_DIGITS = 7


def filename(
    template: str,
    *,
    now: dt.datetime,
    file_number: int = 1,
    words: Mapping[str, str] = MappingProxyType({}),
    where: str = "filename",
) -> str:
    """Give a template's text at a moment; `now` is UTC-aware.

    Known words: `now` with the filters local, next_day, previous_day and format; `file_number`; those of `words`, such
    as a campaign's. Raises ConfigError, naming `where`, for anything else and for a name that would leave its folder.

    >>> filename("a_{{now|format:'yyyy_MM_dd'}}.csv", now=dt.datetime(2026, 11, 20, tzinfo=dt.UTC))
    'a_2026_11_20.csv'
    """
    text = _PLACEHOLDER.sub(lambda match: _value(match[1], now, file_number, words, where), template)
    if "{" in text or "}" in text:
        raise ConfigError(where, "has a single or open brace", RIGHT)
    if _UNSAFE.search(text):
        raise ConfigError(where, "is empty or holds a slash or a control character", "a plain file name")
    return text


def _value(inside: str, now: dt.datetime, file_number: int, words: Mapping[str, str], where: str) -> str:
    word, *filters = inside.split("|")
    if word.strip() == "file_number" and not filters:
        return f"{file_number:0{FILE_NUMBER_DIGITS}d}"
    if word.strip() in words and not filters:
        return words[word.strip()]
    if word.strip() != "now":
        raise ConfigError(where, f"`{word.strip()}` is not known", ", ".join((RIGHT, *words)))
    shown: str | None = None
    for text in filters:
        match = _FILTER.fullmatch(text)
        name = match["name"] if match else ""
        if match and name == "local" and match["argument"]:
            now = now.astimezone(_zone(match["argument"], where))
        elif name in ("next_day", "previous_day"):
            now += dt.timedelta(days=1 if name == "next_day" else -1)
        elif match and name == "format" and match["argument"]:
            shown = _formatted(now, match["argument"], where)
        else:
            raise ConfigError(
                where, f"`{text.strip()}` is not a filter", "local:'<zone>', next_day, format:'<pattern>'"
            )
    return shown if shown is not None else _formatted(now, DEFAULT_FORMAT, where)


def _zone(name: str, where: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise ConfigError(where, f"`{name}` is no time zone", "a name such as America/Los_Angeles") from None


def _formatted(now: dt.datetime, pattern: str, where: str) -> str:
    """Spell a time by a Joda pattern."""
    parts = {
        "yyyy": f"{now.year:04d}", "YYYY": f"{now.year:04d}", "yy": f"{now.year % 100:02d}", "MMM": f"{now:%b}",
        "MM": f"{now.month:02d}", "M": str(now.month), "dd": f"{now.day:02d}", "d": str(now.day),
        "HH": f"{now.hour:02d}", "hh": f"{now:%I}", "mm": f"{now.minute:02d}", "ss": f"{now.second:02d}",
        "SSS": f"{now.microsecond // 1000:03d}",
    }  # fmt: skip
    found = []
    for match in _JODA.finditer(pattern):
        if match[2]:
            raise ConfigError(where, f"`{match[2]}` is no date part", "yyyy MM dd HH mm ss between other characters")
        found.append(match[1] if match[1] is not None else parts.get(match[0], match[0]))
    return "".join(found)
