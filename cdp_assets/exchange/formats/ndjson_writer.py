"""Writes newline-delimited JSON, a batch of rows at a time."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from cdp_assets.config.file_format import NdjsonOutput
from cdp_assets.exchange.formats.json_objects import json_objects


def write_ndjson(path: Path, rows: pa.RecordBatchReader, format: NdjsonOutput) -> int:
    """Write one object per row and line, as `json_objects` spells it; give their number."""
    count = 0
    with path.open("wb") as file:
        for batch in rows:
            file.write(json_objects(batch, "", "\n"))
            count += batch.num_rows
    return count
