"""Takes a column apart, so that each distinct value is thought about once and plain ones not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, eq=False)
class Column:
    """The distinct values of a column, and for each row of the output the number of its value (null for none)."""

    values: pl.Series
    codes: pl.Series

    def spread(self, changed: pl.Series) -> pl.Series:
        """Give each row what became of its value."""
        return changed.gather(self.codes)


def taken_apart(column: pl.Series, order: pl.Series) -> Column:
    """Take a column apart, as texts; its rows are put into `order`."""
    encoded = column.cast(pl.String).to_arrow().dictionary_encode()
    codes = pl.Series(encoded.indices).gather(order)
    return Column(pl.Series(encoded.dictionary, dtype=pl.String), codes)


def first_said(columns: Sequence[Column], says: Callable[[pl.Series], pl.Series]) -> Column:
    """Give each row its first value of several columns that says something; `says` tells which of some values do."""
    values = pl.concat([column.values for column in columns])
    said, codes, start = says(values), [], 0
    for column in columns:
        size = len(column.values)
        numbers = pl.int_range(start, start + size, eager=True)
        codes.append(column.spread(said_where(numbers, said.slice(start, size))))
        start += size
    return Column(values, pl.select(pl.coalesce(codes)).to_series())


def nothing(rows: int) -> pl.Series:
    """Give no text for each row."""
    return pl.repeat(None, rows, dtype=pl.String, eager=True)


def spread(column: Column | None, change: Callable[[pl.Series], pl.Series], rows: int) -> pl.Series:
    """Give each row what becomes of its value, nothing where there is no such column."""
    return nothing(rows) if column is None else column.spread(change(column.values))


def thought_over(
    values: pl.Series,
    easy: pl.Series,
    plain: pl.DataFrame,
    think: Callable[[str], Sequence[str | None]],
) -> pl.DataFrame:
    """Give the rows of `plain` where `easy` says so, and what `think` says of each other value.

    Args:
        values: Texts, none null.
        easy: Which of them need no thought.
        plain: What becomes of the easy ones, in rows beside `values`; its other rows are not read.
        think: Gives one value per column of `plain`.
    """
    if easy.all():
        return plain
    hard = pl.DataFrame([think(text) for text in values.filter(~easy)], schema=plain.schema, orient="row")
    return pl.concat([plain.filter(easy), hard])[_places(easy)]


def changed_where(values: pl.Series, which: pl.Series, texts: Iterable[str | None]) -> pl.Series:
    """Give the values with `texts` in place of those that `which` names, in their order."""
    if not which.any():
        return values
    return pl.concat([values.filter(~which), pl.Series(list(texts), dtype=pl.String)]).gather(_places(~which))


def said_where(values: pl.Series, which: pl.Series) -> pl.Series:
    """Give the values that `which` names, and null for the others."""
    return pl.select(pl.when(which).then(values)).to_series()


def _places(first: pl.Series) -> pl.Series:
    """Give where each row stands after those of `first` were put before the others."""
    number = pl.int_range(len(first), eager=True)
    return pl.concat([number.filter(first), number.filter(~first)]).arg_sort()
