"""One way to write a date and a time, and what it reads."""

from __future__ import annotations

import functools
import itertools
import re
from dataclasses import dataclass

import polars as pl

from cdp_assets.lakehouse.arrow import MOMENT
from cdp_assets.sources.fixed_width import FixedWidth, fixed_width

FIRST_FOUR_DIGIT_YEAR, LATEST_YEAR = 1000, 9999
FOUR_DIGITS_FROM_ZERO = r"(^|\D)0\d{3}(\D|$)"
"""The parser reads `26` as the year 26; only a year spelled with four digits is one."""
_NUMBERS = {
    "%Y": 4, "%y": 2, "%G": 4, "%m": 2, "%d": 2, "%j": 3, "%V": 2, "%u": 1, "%H": 2, "%I": 2, "%M": 2, "%S": 2
} | {f"%{digits}f": digits for digits in range(1, 10)}  # fmt: skip
"""How many digits each numeric part has at most."""
_PIECES = {
    "%Y": r" *\+?\d{4}",
    "%G": r" *\+?\d{4}",
    "%b": r"[A-Za-z]{3,9}",
    "%B": r"[A-Za-z]{3,9}",
    "%A": r"[A-Za-z]{3,9}",
    "%p": r"[AaPp][Mm]",
    "%.f": r"(\.\d+)?",
    "%z": r" ?([zZ]|[+-]\d\d:?\d\d)",
}
LATEST_TWO_DIGIT_YEAR = 2045
"""Joda reads two digits as the year nearest to 30 years ago: in 2026, when this was written, 1946 to 2045."""
_DATE_PARTS = {"%m", "%B", "%b", "%d", "%j", "%V"}


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

    @functools.cached_property
    def _chrono(self) -> str:
        """The pattern as the parser takes it: behind a point it reads a fraction of any length."""
        return re.sub(r"\.%\df", "%.f", self.pattern)

    @functools.cached_property
    def _reads_too_much(self) -> bool:
        """Whether only the expression tells what fits: numbers side by side, or a fraction."""
        return self._runs_together or self._chrono != self.pattern

    @functools.cached_property
    def _defaults(self) -> tuple[str, str]:
        """Give what completes the pattern and each text: the first month, the first day, the full hour."""
        missing = []
        if not _DATE_PARTS & set(self._pieces):
            missing.append(("%m", "01"))
        if not {"%d", "%j", "%u"} & set(self._pieces):
            missing.append(("%d", "01"))
        if self._has_time and "%M" not in self._pieces:
            missing.append(("%M", "00"))
        return "".join(f" {part}" for part, _ in missing), "".join(f" {text}" for _, text in missing)

    @functools.cached_property
    def _has_time(self) -> bool:
        return bool({"%H", "%I"} & set(self._pieces))

    def _parsed(self, texts: pl.Series) -> pl.Series:
        """Give what the parser makes of the texts, in UTC."""
        zoned = "%z" in self.pattern
        given = texts.str.replace(r"[zZ]$", "+00:00") if zoned else texts
        if zoned and " %z" not in self.pattern:
            given = given.str.replace(r" ([+-]\d\d:?\d\d)$", "$1")
        more, default = self._defaults
        given = given + default if default else given
        if self._has_time:
            found = given.str.to_datetime(self._chrono + more, time_unit="us", strict=False)
        else:
            found = given.str.to_date(self._chrono + more, strict=False).cast(pl.Datetime("us"))
        found = found if zoned else found.dt.replace_time_zone("UTC")
        return found.cast(MOMENT)

    @functools.cached_property
    def _fixed_width(self) -> FixedWidth | None:
        return fixed_width(self.pattern)

    def read(self, texts: pl.Series) -> pl.Series:
        """Give what the format reads as UTC times, null where it does not fit."""
        if self._fixed_width is None:
            return self.read_any_width(texts)
        found = self._fixed_width.read(texts).cast(MOMENT)
        if found.null_count() > texts.null_count():
            rest = (found.is_null() & texts.is_not_null()).arg_true()
            found = found.scatter(rest, self.read_any_width(texts.gather(rest)))
        return found

    def read_any_width(self, texts: pl.Series) -> pl.Series:
        """Give the same by the general parser, which takes its time."""
        found = self._parsed(texts)
        if "%y" in self._pieces and (late := (found.dt.year() > LATEST_TWO_DIGIT_YEAR).fill_null(value=False)).any():
            found = found.zip_with(~late, found.dt.offset_by("-100y"))
        doubtful = ~found.dt.year().is_between(FIRST_FOUR_DIGIT_YEAR, LATEST_YEAR)
        if doubtful.any():
            found = found.set(doubtful & ~texts.str.contains(FOUR_DIGITS_FROM_ZERO), None)
        return found.set(~texts.str.contains(f"^{self.expression}$"), None) if self._reads_too_much else found


def _expression(piece: str, neighbours: set[str]) -> str:
    digits = _NUMBERS.get(piece)
    if digits is None:
        return _PIECES.get(piece) or re.escape(piece)
    if neighbours & _NUMBERS.keys():
        return rf"\d{{{digits}}}"
    return _PIECES.get(piece) or rf" *\d{{1,{digits}}}"
