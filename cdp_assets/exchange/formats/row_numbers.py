"""Numbers the rows of what is sent."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.formats.columns import fold


def numbered(rows: pa.RecordBatchReader, name: str, rows_before: int) -> pa.RecordBatchReader:
    """Give the rows with a last column that counts them, from the one after `rows_before` on.

    Raises DeliveryError where the rows have a column of that name, in any case.
    """
    if fold(name) in map(fold, rows.schema.names):
        raise DeliveryError(f"column {name}: the rows have one already. Expected another name for their numbers.")
    schema = rows.schema.append(pa.field(name, pa.int64()))
    return pa.RecordBatchReader.from_batches(schema, _counted(rows, schema, rows_before))


def _counted(rows: pa.RecordBatchReader, schema: pa.Schema, before: int) -> Iterator[pa.RecordBatch]:
    for batch in rows:
        numbers = pa.array(np.arange(before + 1, before + 1 + batch.num_rows, dtype=np.int64))
        yield pa.RecordBatch.from_arrays([*batch.columns, numbers], schema=schema)
        before += batch.num_rows
