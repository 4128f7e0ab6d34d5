"""Writes newline-delimited JSON, a batch of columns at a time."""

from __future__ import annotations

from json.encoder import encode_basestring
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from cdp_assets.config.file_format import NdjsonOutput
from cdp_assets.exchange.formats.texts import TEXT, as_text, is_numeric


def write_ndjson(path: Path, rows: pa.RecordBatchReader, format: NdjsonOutput) -> int:
    """Write one object per row; give their number.

    Every key is in every object. Numbers keep all their digits; a float that is not finite, which JSON
    cannot say, is null. Dates and timestamps are strings, lists and records are JSON.
    """
    count = 0
    with path.open("wb") as file:
        for batch in rows:
            lines = _lines(batch)
            size = pc.sum(pc.binary_length(lines)).as_py() or 0
            file.write(memoryview(lines.buffers()[2])[:size] if size else b"")
            count += batch.num_rows
    return count


def _lines(batch: pa.RecordBatch) -> pa.Array:
    parts: list[pa.Array | pa.Scalar] = []
    for at, (name, column) in enumerate(zip(batch.schema.names, batch.columns, strict=True)):
        opening = "," if at else "{"
        parts.append(pa.scalar(f"{opening}{encode_basestring(name)}:", TEXT))
        parts.append(pc.fill_null(_values(column, name), pa.scalar("null", TEXT)))
    return pc.binary_join_element_wise(*parts, pa.scalar("}\n", TEXT), pa.scalar("", TEXT))


def _values(column: pa.Array, name: str) -> pa.Array:
    """Give a column's values as JSON text."""
    text = as_text(column, name)
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_finite(column), text, pa.scalar(None, TEXT))
    if is_numeric(column.type) or pa.types.is_boolean(column.type) or pa.types.is_nested(column.type):
        return text
    return pa.array([None if value is None else encode_basestring(value) for value in text.to_pylist()], TEXT)
