"""Takes out rows whose texts hold zero bytes: no database takes them, and they tell of a wrong encoding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cdp_assets.exchange.formats.batch import Batch, Malformed


def without_zero_bytes(parts: Iterator[Batch | Malformed]) -> Iterator[Batch | Malformed]:
    """Give the parts as they come; a row of a batch that holds a zero byte is Malformed."""
    for part in parts:
        suspect = (
            [] if isinstance(part, Malformed) else [at for at, one in enumerate(part.table) if _may_hold_zero(one)]
        )
        if suspect and isinstance(part, Batch):
            yield from _parted(part, suspect)
        else:
            yield part


def _may_hold_zero(column: pa.Array) -> bool:
    """Say whether there is a zero byte among the bytes of a column of texts; a look at memory, not at values."""
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)) or not len(column):
        return False
    width = np.int64 if pa.types.is_large_string(column.type) else np.int32
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, width)
    start, end = ends[column.offset], ends[column.offset + len(column)]
    return data is not None and end > start and not np.frombuffer(data, np.uint8)[start:end].all()


def _parted(batch: Batch, suspect: list[int]) -> Iterator[Batch | Malformed]:
    bad: npt.NDArray[np.bool_] = np.zeros(batch.table.num_rows, dtype=np.bool_)
    for at in suspect:
        held = pc.fill_null(pc.match_substring(batch.table.column(at), "\0"), fill_value=False)
        for place in np.flatnonzero(held.to_numpy(zero_copy_only=False) & ~bad):
            bad[place] = True
            name = batch.table.schema.names[at]
            yield Malformed(int(batch.rows[place]), f"holds a zero byte in column `{name}`")
    kept = batch.table.filter(pa.array(~bad))
    if kept.num_rows:
        yield Batch(kept, batch.rows[~bad])
