"""Turns a file's columns into a feed's types, whole columns at a time, and says which values it could not.

An empty text is no value: it becomes NULL in every type, and so does a blank one where the type is no string.
No word stands for NULL. Nothing is rounded, cut or guessed; space around a value matters in strings only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.types as is_

from cdp_assets.config.feed import FeedField
from cdp_assets.sources.text_bytes import may_have_space_around
from cdp_assets.sources.times import DOCUMENTED, Times, joda_formats, read_in_order

UTC_TIMESTAMP = pa.timestamp("us", "UTC")
PRECISION = 38
TRUE, FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")


@dataclass(frozen=True)
class Typed:
    """A column in its type, and how a value is spelled that is right for it.

    values: null where the text was empty or could not be read. bad: where it could not be read.
    """

    values: pl.Series
    bad: pl.Series
    expected: str


def arrow_type(field: FeedField) -> pa.DataType:
    """Give the type of a field's column in the domain table."""
    types: Mapping[str, pa.DataType] = {
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": UTC_TIMESTAMP,
        "decimal": pa.decimal128(PRECISION, field.scale),
        "float": pa.float64(),
        "integer": pa.int64(),
        "string": pa.string(),
    }
    return types[field.type]


def typed(column: pa.Array, field: FeedField, times: Times) -> Typed:
    """Give a column of a file in its field's type; columns that have a type already are taken over when it fits.

    A field's date pattern says how texts are written, so it does not concern a column of dates or times. `times`
    knows from earlier batches how the file's column writes its dates.
    """
    if is_.is_temporal(column.type):
        field = field.model_copy(update={"pattern": None})
    texts = _texts(column, strip=field.type != "string")
    values = _READERS[field.type](texts, field, times)
    if values.null_count() == texts.null_count():
        return Typed(values, pl.Series(np.zeros(len(texts), dtype=np.bool_)), _expected(field))
    return Typed(values, texts.is_not_null() & values.is_null(), _expected(field))


def _texts(column: pa.Array, *, strip: bool) -> pl.Series:
    """Spell a column as texts that every reader understands, with NULL for the empty one."""
    if is_.is_timestamp(column.type) and column.type.tz is None:
        column = column.cast(pa.timestamp("us"))
    if is_.is_timestamp(column.type) and column.type.tz is not None:
        column = column.cast(UTC_TIMESTAMP).cast(pa.timestamp("us"))
    texts = pl.Series("", column)
    texts = texts if texts.dtype == pl.String else texts.cast(pl.String)
    texts = texts.str.strip_chars() if strip and may_have_space_around(column) else texts
    empty = texts == ""
    return texts.set(empty, None) if empty.any() else texts


def _string(texts: pl.Series, _: FeedField, __: Times) -> pl.Series:
    return texts


def _boolean(texts: pl.Series, _: FeedField, __: Times) -> pl.Series:
    first, second = texts == TRUE[0], texts == FALSE[0]
    if (first | second).all():
        return first
    known = dict.fromkeys(TRUE, True) | dict.fromkeys(FALSE, False)
    return texts.str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.Boolean)


def _integer(texts: pl.Series, _: FeedField, __: Times) -> pl.Series:
    found = texts.cast(pl.Int64, strict=False)
    if found.null_count() > texts.null_count():
        found = texts.str.replace(r"^\+", "").str.replace(r"\.0*$", "").cast(pl.Int64, strict=False)
    return found


def _float(texts: pl.Series, _: FeedField, __: Times) -> pl.Series:
    found = texts.cast(pl.Float64, strict=False)
    return found.set(~found.is_finite(), None)


def _decimal(texts: pl.Series, field: FeedField, _: Times) -> pl.Series:
    fits = texts.str.contains(_decimal_expression(field.scale))
    if not fits.all():
        texts = texts.set(~fits, None)
    if texts.str.starts_with("+").any():
        texts = texts.str.strip_prefix("+")
    return texts.cast(pl.Decimal(PRECISION, field.scale), strict=False)


def _decimal_expression(scale: int) -> str:
    """Describe the texts that a decimal holds exactly; zeros behind its last digit do no harm."""
    whole = rf"\d{{1,{PRECISION - scale}}}"
    fraction = rf"\d{{1,{scale}}}0*" if scale else "0+"
    return rf"^[+-]?({whole}(\.({fraction})?)?|\.{fraction})$"


def _datetime(texts: pl.Series, field: FeedField, times: Times) -> pl.Series:
    return read_in_order(texts, joda_formats(field.pattern)) if field.pattern else times.read(texts, DOCUMENTED)


def _date(texts: pl.Series, field: FeedField, times: Times) -> pl.Series:
    if field.pattern:
        return read_in_order(texts, joda_formats(field.pattern)).dt.date()
    return times.read(texts, DOCUMENTED).dt.date()


_READERS: dict[str, Callable[[pl.Series, FeedField, Times], pl.Series]] = {
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "decimal": _decimal,
    "float": _float,
    "integer": _integer,
    "string": _string,
}


def _expected(field: FeedField) -> str:
    """Say how a right value is spelled."""
    if field.pattern:
        return f"a {field.type} written as {field.pattern}"
    return {
        "boolean": "true or false",
        "date": "a date such as 2026-11-20",
        "datetime": "a time such as 2026-11-20 13:45:00",
        "decimal": f"a number with at most {field.scale} digits after the point",
        "float": "a number",
        "integer": "a whole number",
        "string": "text",
    }[field.type]
