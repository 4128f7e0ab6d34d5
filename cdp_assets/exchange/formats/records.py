"""Gathers single records, read one by one, into batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from cdp_assets.exchange.formats.batch import Batch, Malformed

BATCH_ROWS = 16_384
BATCH_BYTES = 8 << 20
"""A batch ends at whichever of the two comes first."""

RECORD_BYTES = 64 << 20
"""A record longer than this is taken for a damaged file."""

Values = Sequence[str | None]


class Gathered:
    """Records waiting to become a batch of string columns."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = list(columns)
        self._rows: list[int] = []
        self._values: list[Values] = []
        self._size_bytes = 0

    def add(self, row: int, values: Values, size_bytes: int) -> bool:
        """Take a record with one value per column; say whether it is time to `flush`."""
        self._rows.append(row)
        self._values.append(values)
        self._size_bytes += size_bytes
        return len(self._rows) >= BATCH_ROWS or self._size_bytes >= BATCH_BYTES

    def flush(self) -> Iterator[Batch | Malformed]:
        """Give what has been gathered and start anew; text that UTF-8 cannot hold makes its row Malformed."""
        rows, values = self._rows, self._values
        self._rows, self._values, self._size_bytes = [], [], 0
        try:
            batch = self._batch(rows, values)
        except UnicodeEncodeError:
            good = [_is_unicode(record) for record in values]
            kept = [at for at, is_good in enumerate(good) if is_good]
            yield from (Malformed(rows[at], "holds half of a surrogate pair") for at, ok in enumerate(good) if not ok)
            batch = self._batch([rows[at] for at in kept], [values[at] for at in kept])
        if batch.table.num_rows:
            yield batch

    def _batch(self, rows: list[int], values: list[Values]) -> Batch:
        by_column = zip(*values, strict=True) if values else ([] for _ in self._columns)
        arrays = [pa.array(column, pa.string()) for column in by_column]
        return Batch(pa.RecordBatch.from_arrays(arrays, names=self._columns), np.asarray(rows, dtype=np.int64))


def _is_unicode(record: Values) -> bool:
    try:
        "".join(value or "" for value in record).encode()
    except UnicodeEncodeError:
        return False
    return True
