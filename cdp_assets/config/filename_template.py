"""Filename templates: literal text with `{{now|local:'Europe/Berlin'|next_day|format:'yyyy_MM_dd'}}` and the like."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cdp_assets.config.joda_format import UnknownPartError, check_pattern, spelled
from cdp_assets.config.known import nearest_known, time_zones

WORDS = ("now", "file_number", "campaign_name", "group_name", "list_name", "table_name")
"""What a template may name; which of them have a value depends on what is sent."""
FILTERS = {"local": True, "next_day": False, "previous_day": False, "format": True}
"""What `now` may be passed through -> whether it takes an argument."""
FILE_NUMBER_DIGITS = 7
DEFAULT_FORMAT = "yyyy-MM-dd"
RIGHT = "text with {{now|format:'yyyy_MM_dd'}} or {{file_number}}"
_BRACE = re.compile(r"\{\{|\}\}|[{}]")
_STEP = re.compile(r"\s*(?P<name>\w*)\s*(?P<colon>:?)\s*(?P<quoted>'(?P<argument>[^']*)')?\s*(?P<rest>[^|]*)")
_UNSAFE = re.compile(r"[\x00-\x1f/\\]|^\s*\.{0,2}\s*$")


class TemplateError(ValueError):
    """A template is malformed; `position` counts its characters from 1."""

    def __init__(self, position: int, problem: str, expected: str) -> None:
        self.position, self.problem, self.expected = position, f"position {position}: {problem}", expected
        super().__init__(f"{self.problem}. Expected {expected}.")


@dataclass(frozen=True)
class Placeholder:
    """A `{{word|filter|filter:'argument'}}`."""

    word: str
    filters: tuple[tuple[str, str], ...] = ()

    def value(self, now: dt.datetime, words: Mapping[str, str]) -> str:
        """Give what it stands for; raises KeyError for a word without a value."""
        if self.word != "now":
            return words[self.word]
        pattern = DEFAULT_FORMAT
        for name, argument in self.filters:
            if name == "local":
                now = now.astimezone(zoneinfo.ZoneInfo(argument))
            elif name == "format":
                pattern = argument
            else:
                now += dt.timedelta(days=1 if name == "next_day" else -1)
        return spelled(now, pattern)


@dataclass(frozen=True)
class FilenameTemplate:
    """A parsed template: text and placeholders in turn."""

    text: str
    pieces: tuple[str | Placeholder, ...]

    @classmethod
    def parse(cls, text: str) -> FilenameTemplate:
        """Read a template; raises TemplateError with the position of what is wrong and what would be right.

        >>> FilenameTemplate.parse("a_{{ now | format:'yyyy' }}.csv").name(dt.datetime(2026, 11, 20), {})
        'a_2026.csv'
        """
        template = cls(text, tuple(_pieces(text)))
        literal = "".join(piece if isinstance(piece, str) else "x" for piece in template.pieces)
        if (unsafe := _UNSAFE.search(literal)) is not None:
            problem = "is empty or holds a slash or a control character"
            raise TemplateError(unsafe.start() + 1, problem, "a plain file name")
        return template

    @property
    def words(self) -> frozenset[str]:
        """Every word that it names."""
        return frozenset(piece.word for piece in self.pieces if isinstance(piece, Placeholder))

    def name(self, now: dt.datetime, words: Mapping[str, str], file_number: int = 1) -> str:
        """Give the template's text at a moment.

        Args:
            now: UTC-aware; what `{{now}}` is before its filters.
            words: Word -> value. Raises KeyError for a word that is neither here nor known anyway.
            file_number: Of the file among those of a split export, spelled with seven digits.

        Raises ValueError for a name that would leave its folder.
        """
        words = {**words, "file_number": f"{file_number:0{FILE_NUMBER_DIGITS}d}"}
        found = "".join(piece if isinstance(piece, str) else piece.value(now, words) for piece in self.pieces)
        if _UNSAFE.search(found):
            raise ValueError("a value makes the file's name empty or puts a slash or a control character into it")
        return found


def with_date(text: str) -> str:
    """Give a template with the date before its endings, unless it has the time in it already.

    >>> with_date("{{campaign_name}}.csv.gz")
    "{{campaign_name}}_{{now|format:'yyyy-MM-dd'}}.csv.gz"
    """
    if "now" in FilenameTemplate.parse(text).words:
        return text
    after = text.rfind("}}") + 1
    dot = text.find(".", after)
    at = len(text) if dot < 0 else dot
    return f"{text[:at]}_{{{{now|format:'{DEFAULT_FORMAT}'}}}}{text[at:]}"


def _pieces(text: str) -> Iterator[str | Placeholder]:
    at = 0
    while (brace := _BRACE.search(text, at)) is not None:
        if brace.start() > at:
            yield text[at : brace.start()]
        if brace[0] != "{{":
            raise _stray(text, brace)
        end = text.find("}}", brace.end())
        if end < 0:
            raise TemplateError(brace.start() + 1, "`{{` is not closed", "`}}` after it")
        yield _placeholder(text[:end], brace.end())
        at = end + 2
    if text[at:]:
        yield text[at:]


def _stray(text: str, brace: re.Match[str]) -> TemplateError:
    """Say what is wrong with a brace that opens no placeholder."""
    inside = re.match(r"\{\s*(\w+)\s*\}", text[brace.start() :])
    expected = RIGHT
    if inside is not None and inside[1] in FILTERS:
        expected = "{{now|" + inside[1] + "}}"
    elif inside is not None and inside[1] in WORDS:
        expected = "{{" + inside[1] + "}}"
    return TemplateError(brace.start() + 1, "a single or open brace", expected)


def _placeholder(text: str, start: int) -> Placeholder:
    """Read what stands between `start` and the end of `text`."""
    steps = list(_steps(text, start))
    word, at = steps[0]["name"], _position(steps[0])
    if word not in WORDS:
        expected = "{{now|" + word + "}}" if word in FILTERS else nearest_known(word, WORDS)
        raise TemplateError(at, f"`{word or text[start:]}` is not known", expected)
    if steps[0]["colon"] or steps[0]["quoted"] or steps[0]["rest"]:
        raise TemplateError(steps[0].end("name") + 1, f"`{word}` takes no argument", "{{" + word + "}} or a | after it")
    filters = tuple(_filter(step) for step in steps[1:])
    names = [name for name, _ in filters]
    if filters and word != "now":
        raise TemplateError(_position(steps[1]), f"`{word}` takes no filter", "{{" + word + "}}")
    if "format" in names[:-1]:
        after = steps[names.index("format") + 2]
        raise TemplateError(_position(after), "a filter after `format`", "`format` as the last one")
    return Placeholder(word, filters)


def _steps(text: str, start: int) -> Iterator[re.Match[str]]:
    """Give the word and the filters between `start` and the end of `text`."""
    at = start
    while True:
        step = _STEP.match(text, at)
        assert step is not None  # noqa: S101 - the expression matches anything
        yield step
        if step.end() >= len(text):
            return
        at = step.end() + 1


def _filter(step: re.Match[str]) -> tuple[str, str]:
    name, argument, at = step["name"], step["argument"] or "", _position(step)
    shown = step[0].strip()
    if name not in FILTERS:
        raise TemplateError(at, f"`{shown}` is not a filter", f"one of {', '.join(FILTERS)}")
    if step["rest"] or bool(step["colon"]) != bool(step["quoted"]) or bool(argument) != FILTERS[name]:
        expected = f"{name}:'{_months(argument) or '…'}'" if FILTERS[name] else name
        raise TemplateError(at, f"`{shown}` is not a filter", expected)
    if name == "local" and argument not in time_zones():
        expected = nearest_known(argument, time_zones())
        raise TemplateError(step.start("argument") + 1, f"`{argument}` is no time zone", expected)
    if name == "format":
        _refuse_pattern(argument, step.start("argument") + 1)
    return name, argument


def _refuse_pattern(pattern: str, position: int) -> None:
    try:
        check_pattern(pattern)
    except UnknownPartError as error:
        raise TemplateError(position + error.start, error.problem, error.expected) from None
    if (unsafe := re.search(r"[\x00-\x1f/\\]", pattern)) is not None:
        raise TemplateError(position + unsafe.start(), "a slash or a control character in a file's name", "- or _")


def _months(pattern: str) -> str:
    """Give a pattern without the usual slip of the pen, minutes where a month is meant."""
    return pattern if re.search("[Hh]", pattern) else pattern.replace("mm", "MM")


def _position(step: re.Match[str]) -> int:
    return step.start("name") + 1
