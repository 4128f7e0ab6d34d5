"""One column of records: a number per record, and the text of each number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

Ints = npt.NDArray[np.signedinteger[Any]]
"""Kept in 32 bits; in 64 bits they pick from arrays in a third of the time."""
Labels = npt.NDArray[np.int64]
"""Which group each record is in, as a number."""
Levels = npt.NDArray[np.int8]
Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Letters = npt.NDArray[np.uint64]
NOT_KNOWN = -1
"""The level of a field of which nothing is told."""
_BYTES_AT_ONCE = 1 << 24


@dataclass(frozen=True, eq=False)
class Column:
    """One column: a code per record (-1 for null), and the text of each code."""

    codes: Ints
    texts: pa.StringArray

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def values(self) -> npt.NDArray[np.object_]:
        """The texts as an array, which can be picked from by code."""
        return np.array(self.texts.to_pylist(), dtype=object)

    @cached_property
    def lengths(self) -> npt.NDArray[np.int32]:
        """How many characters each text has."""
        return self.series().str.len_chars().cast(pl.Int32).to_numpy()

    @cached_property
    def initials(self) -> npt.NDArray[np.int32]:
        """The first character of each text, as its number in Unicode; 0 for an empty one."""
        first = self.series().str.head(1)
        numbers = {character: ord(character or "\0") for character in first.unique()}
        return first.replace_strict(numbers, return_dtype=pl.Int32).to_numpy()

    @cached_property
    def compound(self) -> Bools:
        """Whether each text has several parts."""
        return self.series().str.contains(r"[ \-]").to_numpy()

    @cached_property
    def letters(self) -> Letters:
        """Which characters each text holds, as a set of 64 bits; letters and digits have a bit each."""
        return _letters(self.texts)

    def counts(self) -> Floats:
        """Give how many records hold each value."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self)).astype(np.float64)

    def filled(self) -> float:
        """Give the share of records that hold a value."""
        return float((self.codes >= 0).mean()) if len(self.codes) else 0.0

    def spelled(self, left: Ints, right: Ints) -> npt.NDArray[np.int64]:
        """Give one number per pair of codes, the same for either order."""
        low, high = np.minimum(left, right).astype(np.int64), np.maximum(left, right)
        return low * len(self) + high

    def texts_of(self, rows: Ints) -> pl.Series:
        """Give the texts of some records, null where there is none; few are asked for."""
        codes = self.codes[rows]
        texts = self.values[codes] if len(self) else np.full(len(codes), None, dtype=object)
        texts[codes < 0] = None
        return pl.Series(texts.tolist(), dtype=pl.String)

    def derived(self, texts: pl.Series) -> Column:
        """Give the column of what `texts` says for each value of this one."""
        of_value = column_of(texts)
        return Column(np.append(of_value.codes, np.int32(-1))[self.codes], of_value.texts)

    def series(self) -> pl.Series:
        """Give the distinct texts."""
        return pl.Series(self.texts, dtype=pl.String)


def column_of(texts: pl.Series) -> Column:
    """Number the distinct texts, in the order in which they come."""
    made = texts.to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode()
    codes = made.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return Column(codes, made.dictionary.cast(pa.string()))


def _letters(texts: pa.StringArray) -> Letters:
    """Give the set of characters of each text; characters beyond ASCII share one bit."""
    of_byte = np.left_shift(np.uint64(1), (np.arange(256) & 63).astype(np.uint64))
    of_byte[128:] = np.uint64(1) << np.uint64(63)
    found = np.zeros(len(texts), dtype=np.uint64)
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    data = np.frombuffer(texts.buffers()[2] or b"", dtype=np.uint8)
    start = 0
    while start < len(texts):
        stop = max(int(np.searchsorted(offsets, offsets[start] + _BYTES_AT_ONCE, side="right")) - 1, start + 1)
        sets = of_byte[data[offsets[start] : offsets[stop]]]
        places = offsets[start:stop] - offsets[start]
        full = offsets[start + 1 : stop + 1] > offsets[start:stop]
        if full.any():
            found[start:stop][full] = np.bitwise_or.reduceat(sets, places[full])
        start = stop
    return found
