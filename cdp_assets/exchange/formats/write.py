"""Writes rows to a file of any known format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from cdp_assets.config.file_format import OutputFormat
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.formats.delimited_writer import write_delimited
from cdp_assets.exchange.formats.json_writer import write_json
from cdp_assets.exchange.formats.ndjson_writer import write_ndjson
from cdp_assets.exchange.formats.parquet_writer import write_parquet
from cdp_assets.exchange.formats.row_numbers import numbered

WRITERS: dict[str, Callable[[Path, pa.RecordBatchReader, Any], int]] = {
    "csv": write_delimited,
    "tsv": write_delimited,
    "psv": write_delimited,
    "dsv": write_delimited,
    "json": write_json,
    "ndjson": write_ndjson,
    "parquet": write_parquet,
}

_BATCH_ROWS = 65_536


def write(path: Path, data: pa.Table | pa.RecordBatchReader, format: OutputFormat, *, rows_before: int = 0) -> int:
    """Write the rows to a new file, batch by batch, and give their number.

    Args:
        path: The file, replaced where it exists; a caller who needs all or nothing writes beside and renames.
        data: The rows; column names become the header or keys.
        format: The data template's format.
        rows_before: How many rows are in the files before this one, where the rows of several are numbered.

    Raises DeliveryError where the file cannot be written or a value cannot be said in the format.
    """
    reader = data.to_reader(_BATCH_ROWS) if isinstance(data, pa.Table) else data
    small = pa.RecordBatchReader.from_batches(reader.schema, _slices(reader))
    if format.row_number is not None:
        small = numbered(small, format.row_number, rows_before)
    try:
        return WRITERS[format.kind](path, small, format)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else type(error).__name__
        msg = f"{path.name}: cannot be written ({why})."
        raise DeliveryError(msg) from error
    except pa.ArrowException as error:
        msg = f"{path.name}: the rows cannot be written as {format.kind} ({type(error).__name__})."
        raise DeliveryError(msg) from None


def _slices(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        for start in range(0, batch.num_rows, _BATCH_ROWS):
            yield batch.slice(start, _BATCH_ROWS)
