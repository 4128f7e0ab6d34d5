"""The evidence of pairs in two short columns, from which the same evidence comes back, and so the same odds."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

from cdp_assets.stitch.weigh import Evidence

HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
LEVEL_DIGITS = RARITY_BYTES = 2


def packed(evidence: Evidence) -> pl.DataFrame:
    """Give levels and rarity, a row per pair.

    levels: two hexadecimal digits per field in the model's order: its level, or `ff` where one side has no value.
    rarity: two bytes per field, little endian and signed: how much rarer than usual the common value is, in 1/16 bit.
    """
    level = np.ascontiguousarray(evidence.levels, dtype=np.int8).view(np.uint8)
    digits = np.stack([HEX[level >> 4], HEX[level & 15]], axis=-1)
    steps = np.ascontiguousarray(evidence.rarity, dtype="<i2").view(np.uint8)
    rows, fields = evidence.levels.shape
    return pl.DataFrame(
        {
            "levels": pl.Series(_column(pa.large_string(), digits, rows, fields * LEVEL_DIGITS)),
            "rarity": pl.Series(_column(pa.large_binary(), steps, rows, fields * RARITY_BYTES)),
        },
        schema={"levels": pl.String, "rarity": pl.Binary},
    )


def unpacked(frame: pl.DataFrame, fields: int) -> Evidence:
    """Give the evidence of pairs about so many fields, whose levels and rarity a table holds."""
    shape = frame.height, fields
    levels = np.frombuffer(bytes.fromhex("".join(frame["levels"])), dtype=np.int8).reshape(shape)
    steps = np.frombuffer(b"".join(frame["rarity"]), dtype="<i2").reshape(shape)
    return Evidence(levels.copy(), steps.astype(np.int16))


def _column(
    kind: pa.DataType, data: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], rows: int, width: int
) -> pa.Array:
    """Give texts of one width, without making each of them."""
    offsets = np.arange(rows + 1, dtype=np.int64) * width
    return pa.Array.from_buffers(kind, rows, [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(data))])
