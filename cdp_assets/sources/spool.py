"""Puts a file's records aside on disk until it is known which of them win, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from cdp_assets.sources import key
from cdp_assets.sources.parse import Records


class Spool:
    """Typed records on disk; in memory only 24 bytes a record: the digest of its key, and `_updated`."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path, self.schema = path, schema
        self._digests: list[key.Words] = []
        self._updated: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []

    def fill(self, records: Iterable[Records]) -> int:
        """Write all records; give how many there are."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with pa.OSFile(str(self.path), "wb") as sink, pa.ipc.new_file(sink, self.schema) as writer:
            for one in records:
                writer.write_batch(one.table)
                self._digests.append(one.digests)
                self._updated.append(one.table.column(key.UPDATED).to_numpy())
        return sum(len(part) for part in self._updated)

    def winners(self) -> pa.RecordBatchReader:
        """Give one record per key: the one with the greatest `_updated`, of equal ones the last in the file."""
        source = pa.ipc.open_file(pa.OSFile(str(self.path)))
        keep = self._keep()
        pa.default_memory_pool().release_unused()

        def batches() -> Iterable[pa.RecordBatch]:
            start = 0
            for number in range(source.num_record_batches):
                batch = source.get_batch(number)
                mask = keep[start : start + batch.num_rows]
                start += batch.num_rows
                yield batch if mask.all() else batch.filter(pa.array(mask))

        return pa.RecordBatchReader.from_batches(self.schema, batches())

    def _keep(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        if not self._updated:
            return np.zeros(0, dtype=np.bool_)
        digests, updated = np.concatenate(self._digests), np.concatenate(self._updated)
        self._digests, self._updated = [], []
        repeated = np.flatnonzero(pl.Series(digests[:, 0]).is_duplicated().to_numpy())
        order = repeated[np.lexsort((repeated, updated[repeated], digests[repeated, 1], digests[repeated, 0]))]
        ordered = digests[order]
        last_of_key = np.ones(len(order), dtype=np.bool_)
        last_of_key[:-1] = (ordered[1:] != ordered[:-1]).any(axis=1)
        keep = np.ones(len(updated), dtype=np.bool_)
        keep[order[~last_of_key]] = False
        return keep
