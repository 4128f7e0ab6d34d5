"""The values by which rules compare two records: normalised ones, and keys of other systems as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
import polars as pl

from cdp_assets.stitch.column import Bools, Ints
from cdp_assets.stitch.fuzzy import similar
from cdp_assets.stitch.normalise.nicknames import COMMON, Nicknames
from cdp_assets.stitch.semantic_columns import column_of

UNTAGGED = {"sk-given-name": "given_name"}
"""Separation keys that a rule may name and no feed need tag, and what they are derived from."""
DERIVED = ("suffix",)
"""Separation keys that every record has without a tag."""


@dataclass(frozen=True, eq=False)
class Agreement:
    """Where two records hold one value of a column, two similar ones, or two that have nothing in common."""

    equal: Bools
    similar: Bools
    different: Bools


class Values:
    """The values of a set of records, numbered column by column when a rule first asks, on whatever thread."""

    def __init__(self, records: pl.DataFrame, case_sensitive: Sequence[str], nicknames: Nicknames = COMMON) -> None:
        self._records, self._nicknames = records, nicknames
        self._exact = {name.replace("-", "_") for name in case_sensitive}
        self._codes: dict[str, tuple[Ints, list[str]]] = {}
        self._numbering = Lock()

    def columns(self, semantic: str) -> list[str]:
        """Give the columns of a semantic that the records have: one, or every key where it is `fk` or `sk`."""
        present = self._records.columns
        if semantic in ("fk", "sk"):
            derived = [name for name in DERIVED if semantic == "sk" and name in present]
            return [*derived, *(name for name in present if name.startswith(f"{semantic}_"))]
        name = column_of(semantic)
        name = name if name in present else UNTAGGED.get(semantic, name)
        return [name] if name in present else []

    def agreement(self, column: str, left: Ints, right: Ints, *, fuzzy: bool) -> Agreement:
        """Compare pairs of records by one column; without `fuzzy` no two unequal values are similar."""
        codes, values = self._numbered(column)
        one, other = codes[left], codes[right]
        both = (one >= 0) & (other >= 0)
        equal, unequal = both & (one == other), both & (one != other)
        alike = np.zeros(len(left), dtype=np.bool_)
        if fuzzy and unequal.any():
            alike[unequal] = _similar(column, values, one[unequal], other[unequal], self._nicknames)
        return Agreement(equal, alike, unequal & ~alike)

    def _numbered(self, column: str) -> tuple[Ints, list[str]]:
        """Give a code per record (-1: null) and the value of each; letter case counts only where settings say so."""
        with self._numbering:
            if column not in self._codes:
                self._codes[column] = self._number(column)
            return self._codes[column]

    def _number(self, column: str) -> tuple[Ints, list[str]]:
        found = self._records[column].cast(pl.String)
        found = found if column in self._exact or column == "ck" else found.str.to_uppercase()
        values = found.drop_nulls().unique().sort()
        codes = (found.rank("dense").cast(pl.Int32) - 1).fill_null(-1).to_numpy()
        return codes, values.to_list()


def _similar(column: str, values: list[str], one: Ints, other: Ints, nicknames: Nicknames) -> Bools:
    """Compare each two values once, however many records hold them."""
    spelled = np.minimum(one, other).astype(np.int64) * len(values) + np.maximum(one, other)
    distinct, places = np.unique(spelled, return_inverse=True)
    lows, highs = (distinct // len(values)).tolist(), (distinct % len(values)).tolist()
    return similar(column, [values[code] for code in lows], [values[code] for code in highs], nicknames)[places]
