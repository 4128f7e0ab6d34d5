"""Writes one JSON array of objects, a batch of rows at a time."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from cdp_assets.config.file_format import JsonOutput
from cdp_assets.exchange.formats.json_objects import json_objects


def write_json(path: Path, rows: pa.RecordBatchReader, format: JsonOutput) -> int:
    """Write one array with an object per row and line, as `json_objects` spells it; give their number."""
    count = 0
    with path.open("wb") as file:
        file.write(b"[")
        for batch in rows:
            objects = json_objects(batch, ",\n", "")
            file.write(objects if count else objects[1:])
            count += batch.num_rows
        file.write(b"\n]\n")
    return count
