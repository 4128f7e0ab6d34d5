"""Rows as JSON objects, a batch of columns at a time."""

from __future__ import annotations

from json.encoder import encode_basestring

import pyarrow as pa
import pyarrow.compute as pc

from cdp_assets.exchange.formats.texts import TEXT, as_text, bytes_of, is_numeric


def json_objects(batch: pa.RecordBatch, before: str, after: str) -> memoryview:
    """Give an object per row as UTF-8, each between two texts.

    Every key is in every object. Numbers keep all their digits; a float that is not finite, which JSON
    cannot say, is null. Dates and timestamps are strings, lists and records are JSON.
    """
    parts: list[pa.Array | pa.Scalar] = []
    for at, (name, column) in enumerate(zip(batch.schema.names, batch.columns, strict=True)):
        opening = "," if at else f"{before}{{"
        parts.append(pa.scalar(f"{opening}{encode_basestring(name)}:", TEXT))
        parts.append(pc.fill_null(_values(column, name), pa.scalar("null", TEXT)))
    return bytes_of(pc.binary_join_element_wise(*parts, pa.scalar(f"}}{after}", TEXT), pa.scalar("", TEXT)))


def _values(column: pa.Array, name: str) -> pa.Array:
    """Give a column's values as JSON text."""
    text = as_text(column, name)
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_finite(column), text, pa.scalar(None, TEXT))
    if is_numeric(column.type) or pa.types.is_boolean(column.type) or pa.types.is_nested(column.type):
        return text
    return pa.array([None if value is None else encode_basestring(value) for value in text.to_pylist()], TEXT)
