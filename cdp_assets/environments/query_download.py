"""Writes a whole answer to a CSV file, in bounded memory; the file appears when it is whole."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pyarrow as pa

from cdp_assets.config.file_format import DelimitedOutput
from cdp_assets.environments.asking import Asked, Question, batches, hidden
from cdp_assets.exchange.formats import write
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.security.obfuscation import mask


def download(
    lake: Lake, question: Question, asked: Asked, file: Path, *, reveal: bool, tell: Callable[[int], None]
) -> int:
    """Write an answer to a file and give its rows; what was there stays until all of them are written.

    Args:
        lake: Where the answer comes from.
        question: What is asked.
        asked: Its run.
        file: The file, replaced at the end.
        reveal: Whether personal values are written as they are, instead of their shape.
        tell: Told, batch by batch, how many rows have come.
    """
    unfinished = file.with_name(f".{file.name}.{os.getpid()}.new")
    try:
        coming = batches(lake, question, asked)
        first = next(coming)
        personal = frozenset() if reveal else hidden(lake, question, first.schema.names)
        told = _told(chain([obfuscated(first, personal)], (obfuscated(one, personal) for one in coming)), tell)
        schema = obfuscated(first.slice(0, 0), personal).schema
        rows = write(unfinished, pa.RecordBatchReader.from_batches(schema, told), DelimitedOutput())
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)
    return rows


def _told(coming: Iterator[pa.RecordBatch], tell: Callable[[int], None]) -> Iterator[pa.RecordBatch]:
    rows = 0
    for batch in coming:
        rows += batch.num_rows
        tell(rows)
        yield batch


def obfuscated(batch: pa.RecordBatch, personal: frozenset[str]) -> pa.RecordBatch:
    """Give a batch with the shape of each personal value instead of the value, as text."""
    columns = [
        pa.array(map(mask, column.to_pylist()), pa.string()) if name in personal else column
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)
