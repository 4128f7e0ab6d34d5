"""Which columns tell a file's records apart, with the evidence."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cdp_assets.config.feed import FieldType
from cdp_assets.sources.infer.column import Column, is_code

_TIMES_AND_AMOUNTS: tuple[FieldType, ...] = ("date", "datetime", "decimal", "float", "boolean")
_ENOUGH = 0.9
"""The share of distinct values from which on a column that is named as a key may be one: newer records replace older
ones."""
_MOST_PAIRED = 8


@dataclass(frozen=True)
class KeyFound:
    """The columns of a key; of so many records, the first of the file, so many are distinct by it."""

    columns: tuple[str, ...]
    rows: int
    distinct: int

    @property
    def reason(self) -> str:
        """The evidence in words."""
        if self.distinct == self.rows:
            return f"tells all {self.rows:,} records apart"
        return f"{self.distinct:,} of {self.rows:,} records are distinct by it, the others are versions or mistakes"


def key_of(columns: Sequence[Column]) -> KeyFound:
    """Give the key that says most: a column named as one that has a value in every record and repeats few of them,
    else any column without repeats, else two that repeat nothing together, else the best there is.
    """
    full = [one for one in columns if one.filled == one.rows and one.rows]
    found = [KeyFound((one.incoming,), one.hashed, len(np.unique(one.hashes))) for one in full]
    named = [one for one in found if _is_named(one) and one.distinct >= _ENOUGH * one.rows]
    unique = [one for one in found if one.distinct == one.rows and not _is_odd(one, full)]
    if named:
        return max(named, key=lambda one: one.distinct)
    return next(iter(unique), None) or _pair(full) or _best(found, columns)


def _is_named(one: KeyFound) -> bool:
    return is_code(one.columns[0])


def _is_odd(one: KeyFound, columns: Sequence[Column]) -> bool:
    """Say whether a column is a time or an amount, which is distinct by chance."""
    column = next(each for each in columns if each.incoming == one.columns[0])
    is_whole = column.reads("integer")
    return not is_whole and any(column.reads(kind) for kind in _TIMES_AND_AMOUNTS)


def _pair(columns: Sequence[Column]) -> KeyFound | None:
    """Give the first two columns that together repeat nothing, those named as keys first."""
    ordered = sorted(columns, key=lambda one: not is_code(one.incoming))[:_MOST_PAIRED]
    for one, other in itertools.combinations(ordered, 2):
        together = one.hashes * np.uint64(0x9E3779B97F4A7C15) ^ other.hashes
        if len(np.unique(together)) == one.hashed:
            return KeyFound((one.incoming, other.incoming), one.hashed, one.hashed)
    return None


def _best(found: Sequence[KeyFound], columns: Sequence[Column]) -> KeyFound:
    if found:
        return max(found, key=lambda one: one.distinct)
    return KeyFound((columns[0].incoming,), columns[0].rows, columns[0].filled)
