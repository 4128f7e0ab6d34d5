"""Numbers the distinct values of each compared column, so that pairs are compared once per pair of values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.normalise import nicknames

Ints = npt.NDArray[np.int32]
Levels = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
NONE = np.int32(-1)


@dataclass(frozen=True, eq=False)
class Column:
    """One column: a code per record (-1 for null), and the value of each code."""

    codes: Ints
    values: Sequence[str]

    def counts(self) -> Floats:
        """Give how many records hold each value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.values)).astype(np.float64)

    def filled(self) -> float:
        """Give the share of records that hold a value."""
        return float((self.codes >= 0).mean()) if len(self.codes) else 0.0


@dataclass(frozen=True, eq=False)
class Encoded:
    """All compared columns of a set of records."""

    size: int
    columns: Mapping[str, Column]

    def __getitem__(self, name: str) -> Column:
        return self.columns[name]


@dataclass(frozen=True, eq=False)
class ValuePairs:
    """The pairs of one column: where both values are there, where they are equal, and the distinct unequal pairs.

    places: for each unequal pair of records, which of `left`/`right` it is.
    """

    both: Bools
    equal: Bools
    unequal: Bools
    left: list[str]
    right: list[str]
    places: npt.NDArray[np.int64]

    def levels(self, judge: Callable[[list[str], list[str]], Levels]) -> Levels:
        """Give 0 for equal values, what `judge` says of the distinct unequal ones, and -1 where one is null."""
        found = np.full(len(self.both), -1, dtype=np.int8)
        found[self.equal] = 0
        if self.left:
            found[self.unequal] = judge(self.left, self.right)[self.places]
        return found


def encode(records: pl.DataFrame, names: Sequence[str]) -> Encoded:
    """Number the values of the named columns, by their order, so that the numbers repeat from run to run."""
    columns = {}
    for name in names:
        distinct = records[name].drop_nulls().unique().sort()
        codes = records[name].replace_strict(
            distinct, pl.int_range(len(distinct), dtype=pl.Int32, eager=True), default=-1, return_dtype=pl.Int32
        )
        columns[name] = Column(codes.fill_null(-1).to_numpy().astype(np.int32), distinct.to_list())
    formal = [nicknames.FORMAL_NAME.get(name, name) for name in columns["given_name"].values]
    places = {name: place for place, name in enumerate(dict.fromkeys(formal))}
    lookup = np.array([*(places[name] for name in formal), -1], dtype=np.int32)
    columns["formal_name"] = Column(lookup[columns["given_name"].codes], list(places))
    return Encoded(records.height, columns)


def value_pairs(column: Column, left: Ints, right: Ints) -> ValuePairs:
    """Look at the values of record pairs; the order within a pair does not matter."""
    one, other = column.codes[left].astype(np.int64), column.codes[right].astype(np.int64)
    both = (one >= 0) & (other >= 0)
    equal, unequal = both & (one == other), both & (one != other)
    width = len(column.values) + 1
    spelled = np.minimum(one, other)[unequal] * width + np.maximum(one, other)[unequal]
    distinct, places = np.unique(spelled, return_inverse=True)
    values = column.values
    return ValuePairs(
        both,
        equal,
        unequal,
        [values[code] for code in distinct // width],
        [values[code] for code in distinct % width],
        places,
    )
