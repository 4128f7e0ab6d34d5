"""Turns a column of any type into the text that a person would have typed: `2065551234`, `1987-03-12`."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

Column = Any
"""A `pyarrow.ChunkedArray`; pyarrow has no types that mypy can read."""
TEXT = pa.large_string()
LARGEST_WHOLE = 2.0**53


def as_text(column: Column) -> Column | None:
    """Give texts and nulls; None for a nested column, which has no text of its own.

    Whole numbers lose their point, decimals their last zeros, points in time their hour, bytes what is no UTF-8.

    >>> as_text(pa.chunked_array([[2065551234.0, None, float("nan")]])).to_pylist()
    ['2065551234', None, None]
    """
    column = _plain(column)
    kind = column.type
    if pa.types.is_floating(kind):
        return _number(column.cast(pa.float64()))
    if pa.types.is_timestamp(kind):
        column = (pc.local_timestamp(column) if kind.tz else column).cast(pa.date32(), safe=False)
    if pa.types.is_date64(kind):
        column = column.cast(pa.date32())
    text = _cast(column)
    if text is not None and pa.types.is_decimal(kind):
        return pc.replace_substring_regex(text, r"(\.\d*[1-9])0+$|\.0+$", r"\1").cast(TEXT)
    return text


def as_key(column: Column) -> Column | None:
    """Give texts that differ wherever the values do; None for a nested column.

    >>> as_key(pa.chunked_array([[b"\\xff", b"\\xfe"]])).to_pylist()
    ['ff', 'fe']
    """
    column = _plain(column)
    if pa.types.is_temporal(column.type):
        return _cast(column)
    if _is_bytes(column.type) and not _is_utf8(column):
        return pa.chunked_array([pa.array([raw if raw is None else raw.hex() for raw in column.to_pylist()], TEXT)])
    return as_text(column)


def _plain(column: Column) -> Column:
    """Give the values themselves: no dictionary, no extension type, and bytes where texts are no UTF-8."""
    if isinstance(column.type, pa.BaseExtensionType):
        column = column.cast(column.type.storage_type)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if _is_string(column.type) and not _is_utf8(column):
        column = column.cast(pa.large_binary())
    return column


def _number(column: Column) -> Column:
    """Give finite numbers; Arrow writes those from 1e10 on with an exponent, which no phone has."""
    whole = pc.and_(pc.less(pc.abs(column), LARGEST_WHOLE), pc.equal(column, pc.round(column)))
    exact = pc.if_else(whole, column, None).cast(pa.int64()).cast(TEXT)
    return pc.coalesce(exact, pc.if_else(pc.is_finite(column), column, None).cast(TEXT))


def _cast(column: Column) -> Column | None:
    if _is_string(column.type):
        return column
    try:
        return column.cast(TEXT)
    except pa.ArrowNotImplementedError:
        return None
    except pa.ArrowInvalid:
        texts = [raw if raw is None else raw.decode("utf-8", "ignore") for raw in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, TEXT)])


def _is_string(kind: Any) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_bytes(kind: Any) -> bool:
    return any(
        asked(kind)
        for asked in (
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_binary_view,
            pa.types.is_fixed_size_binary,
        )
    )


def _is_utf8(column: Column) -> bool:
    try:
        (column if _is_string(column.type) else column.cast(TEXT)).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True
