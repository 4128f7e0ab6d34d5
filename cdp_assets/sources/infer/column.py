"""What is learnt of a column while a file is read: how many values, which types read them all, what they look like."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from cdp_assets.config.feed import FeedField, FieldType
from cdp_assets.sources.times import Times
from cdp_assets.sources.values import PRECISION, typed

SCALE = 12
"""Digits after the point up to which a number is a decimal; beyond, it is a measurement."""
TYPES: tuple[FieldType, ...] = ("boolean", "integer", "decimal", "float", "date", "datetime")
PATTERNS: tuple[tuple[FieldType, str], ...] = (
    ("date", "MM/dd/yyyy"),
    ("date", "dd/MM/yyyy"),
    ("datetime", "MM/dd/yyyy HH:mm:ss"),
    ("datetime", "dd/MM/yyyy HH:mm:ss"),
    ("datetime", "MM/dd/yyyy HH:mm"),
    ("datetime", "dd/MM/yyyy HH:mm"),
    ("datetime", "MM/dd/yyyy hh:mm:ss a"),
    ("datetime", "dd/MM/yyyy hh:mm:ss a"),
    ("datetime", "MM/dd/yyyy hh:mm a"),
    ("datetime", "dd/MM/yyyy hh:mm a"),
    ("date", "MM/dd/yy"),
    ("date", "dd/MM/yy"),
    ("date", "dd-MM-yyyy"),
    ("date", "dd.MM.yy"),
    ("date", "d MMM yyyy"),
    ("date", "MMM d yyyy"),
    ("datetime", "yyyyMMddHHmmss"),
    ("datetime", "dd-MM-yyyy HH:mm:ss"),
    ("datetime", "MM/dd/yy HH:mm"),
    ("datetime", "dd/MM/yy HH:mm"),
    ("datetime", "yyyy-MM-dd-HH.mm.ss.SSSSSS"),
    ("datetime", "EEE, d MMM yyyy HH:mm:ss Z"),
)
"""Patterns to name, in the order in which they are preferred: the month first where both would do."""
LOOKS = {
    "email": r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$",
    "phone": r"^\+?[\d ().x/-]{7,25}$",
    "postal": r"^[A-Za-z0-9][A-Za-z0-9 -]{1,9}$",
    "gender": r"(?i)^(f|m|x|u|female|male|man|woman|unknown|other|non-?binary|d|w)$",
}
"""Tag -> what its values look like."""
_CODES = re.compile(
    r"((?<!pa)(?<!val)id|no|num|number|key|code|zip|postal|phone|tel|fax|mobile|sku|upc|ean|ssn|pk|account|store|guid)$"
)
_BAD_SHARE, _BAD_AT_FIRST = 0.01, 0.2
"""A type that fails more of the values, or of the first ones, is not thought of any more."""
_FIRST = 256
MOST_HASHED = 1_000_000
"""Rows in which a key is looked for: 8 MB a column."""
_LOOKED_AT = 10_000
"""Values whose look is counted."""
_LEADING_ZERO = r"^[+-]?0\d"
_FRACTION = r"\.(\d*?)0*$"


@dataclass
class Candidate:
    """A type that may read the column, and how many of its values it could not."""

    field: FeedField
    times: Times
    bad: int = 0

    @property
    def spelled(self) -> tuple[FieldType, str | None]:
        """The type and its pattern."""
        return self.field.type, self.field.pattern


class Column:
    """One column of a file, as far as it has been read."""

    def __init__(self, incoming: str, most_hashed: int = MOST_HASHED) -> None:
        self.incoming = incoming
        self.rows = self.filled = self.scale = self.hashed = 0
        self._most_hashed = most_hashed
        self.has_leading_zeros = self.has_clock = self.has_own_type = False
        self._looked_at = 0
        self._looks = dict.fromkeys(LOOKS, 0)
        self._candidates = [*(_candidate(kind) for kind in TYPES), *(_candidate(*one) for one in PATTERNS)]
        self._hashes: list[np.ndarray[Any, np.dtype[np.uint64]]] = []

    def take(self, values: pa.Array) -> None:
        """Look at the next values."""
        texts = pl.Series("", values).cast(pl.String)
        texts = texts.set(texts.str.strip_chars() == "", None)
        filled = texts.drop_nulls()
        self.rows, self.filled = self.rows + len(texts), self.filled + len(filled)
        self.has_own_type = self.has_own_type or not pa.types.is_string(values.type)
        self._hash(filled)
        if len(filled):
            self._look(filled)
            self._try(values.drop_null())

    def reads(self, kind: FieldType, pattern: str | None = None) -> bool:
        """Say whether a type reads every value; a column without any has no type."""
        return bool(self.filled) and any(one.spelled == (kind, pattern) and not one.bad for one in self._candidates)

    def pattern_of(self, kind: FieldType) -> str | None:
        """Give the first pattern of a type that reads every value."""
        return next((pattern for one, pattern in PATTERNS if one == kind and self.reads(kind, pattern)), None)

    def nearly(self) -> tuple[FieldType, int] | None:
        """Give the type that reads nearly every value, and how many it does not; nothing where none does."""
        almost = [one for one in self._candidates if one.bad and (one.field.type != "date" or not self.has_clock)]
        return min(((one.field.type, one.bad) for one in almost), key=lambda one: one[1], default=None)

    def share(self, tag: str) -> float:
        """Give the share of values that look as a tag's do."""
        return self._looks[tag] / max(1, self._looked_at)

    @property
    def hashes(self) -> np.ndarray[Any, np.dtype[np.uint64]]:
        """A number per value, equal for equal values, as far as the column is full; `hashed` says how many."""
        return np.concatenate(self._hashes) if self._hashes else np.zeros(0, np.uint64)

    def _hash(self, filled: pl.Series) -> None:
        """Keep what tells values apart of the first rows; a column with gaps is no key."""
        if self.filled < self.rows:
            self._hashes, self.hashed = [], 0
            return
        some = filled.head(self._most_hashed - self.hashed)
        self.hashed += len(some)
        self._hashes.append(some.hash(0).to_numpy())

    def _look(self, filled: pl.Series) -> None:
        self.has_leading_zeros = self.has_leading_zeros or bool(filled.str.contains(_LEADING_ZERO).any())
        self.has_clock = self.has_clock or bool(filled.str.contains(":", literal=True).any())
        digits = filled.str.extract(_FRACTION).str.len_chars().max()
        self.scale = max(self.scale, digits if isinstance(digits, int) else 0)
        some = filled.head(max(0, _LOOKED_AT - self._looked_at))
        self._looked_at += len(some)
        for tag, expression in LOOKS.items():
            self._looks[tag] += int(some.str.contains(expression).sum())

    def _try(self, values: pa.Array) -> None:
        if self.filled == len(values) > _FIRST:
            self._candidates = [one for one in self._candidates if _fits_at_first(one, values.slice(0, _FIRST))]
        for one in self._candidates:
            one.bad += _bad(values, one.field, one.times)
        self._candidates = [one for one in self._candidates if one.bad <= _BAD_SHARE * self.filled]


def _bad(values: pa.Array, field: FeedField, times: Times) -> int:
    return int(typed(values, field, times).bad.sum() or 0)


def _fits_at_first(one: Candidate, values: pa.Array) -> bool:
    return _bad(values, one.field, Times()) <= _BAD_AT_FIRST * len(values)


def _candidate(kind: FieldType, pattern: str | None = None) -> Candidate:
    scale = PRECISION // 2 if kind == "decimal" else 0
    return Candidate(FeedField(name="x", type=kind, pattern=pattern, scale=scale), Times())


def squashed(name: str) -> str:
    """Give a name's letters and digits alone, by which names are compared.

    >>> squashed("E-Mail_Address")
    'emailaddress'
    """
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def is_code(name: str) -> bool:
    """Say whether a column is named as one that names things: an id, a number, a code.

    >>> is_code("customerId"), is_code("zip"), is_code("paid")
    (True, True, False)
    """
    return _CODES.search(squashed(name)) is not None
