"""How typed values are spelled in files that hold text."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.compute as pc

from cdp_assets.errors import DeliveryError

TEXT = pa.large_string()


def as_text(column: pa.Array, name: str) -> pa.Array:
    """Spell a column's values; null stays null.

    Booleans are true and false, dates ISO 8601, timestamps ISO 8601 in UTC with a `Z` and a fraction only
    where there is one, decimals plain with all their digits, lists and records JSON.
    Raises DeliveryError for a type without a spelling, naming the column.
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    try:
        if pa.types.is_timestamp(column.type):
            return _timestamps(column)
        if pa.types.is_decimal(column.type):
            return _decimals(column)
        if pa.types.is_nested(column.type):
            return pa.array([_json(value) for value in column.to_pylist()], TEXT)
        return column.cast(TEXT)
    except (pa.ArrowException, ValueError, TypeError) as error:
        msg = f"column {name}: values of type {column.type} have no spelling in a text file."
        raise DeliveryError(msg) from error


def bytes_of(texts: pa.Array) -> memoryview:
    """Give the bytes of a column of `TEXT` without nulls, one value after another."""
    size = pc.sum(pc.binary_length(texts)).as_py() or 0
    return memoryview(texts.buffers()[2])[:size] if size else memoryview(b"")


def is_numeric(type_: pa.DataType) -> bool:
    """Say whether values of a type are numbers."""
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_) or pa.types.is_decimal(type_))


def _timestamps(column: pa.Array) -> pa.Array:
    utc = pc.cast(column, options=pc.CastOptions(pa.timestamp("us", "UTC"), allow_time_truncate=True))
    spelled = pc.strftime(utc, format="%Y-%m-%dT%H:%M:%SZ").cast(TEXT)
    return pc.replace_substring(spelled, ".000000Z", "Z")


def _decimals(column: pa.Array) -> pa.Array:
    spelled = column.cast(TEXT)
    if pc.any(pc.match_substring(spelled, "E")).as_py():  # Arrow spells 0.00000001 as 1E-8
        return pa.array([None if value is None else f"{value:f}" for value in column.to_pylist()], TEXT)
    return spelled


def _json(value: object) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=str)
