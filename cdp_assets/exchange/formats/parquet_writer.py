"""Writes Parquet with Snappy, the documented compression of what is sent."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from cdp_assets.config.file_format import ParquetOutput


def write_parquet(path: Path, rows: pa.RecordBatchReader, format: ParquetOutput) -> int:
    """Write the rows with their types, timestamps in microseconds; give their number."""
    count = 0
    with pq.ParquetWriter(
        path, rows.schema, compression="snappy", coerce_timestamps="us", allow_truncated_timestamps=True
    ) as file:
        for batch in rows:
            file.write_batch(batch)
            count += batch.num_rows
    return count
