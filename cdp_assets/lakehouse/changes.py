"""What changed between two versions of a table, found without a JVM: whole rows, or the keys that a write names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.arrow import MOMENT

FOLDER = "_cdp_changes"
"""Beside the table's files; neither Delta nor VACUUM looks into a folder whose name begins so."""
BEFORE = b"before"
KEPT = 30
"""How many notes of changes a table keeps: whoever is further behind reads all of it."""
AS_SPARK_WRITES = ds.ParquetFileFormat(read_options=ds.ParquetReadOptions(coerce_int96_timestamp_unit="us"))
BATCH_ROWS = 32_768
"""Rows that are copied at a time: a million of 113 columns took 6.3 s of a core and 0.9 GB, by Arrow's own choice of
four times as many 8.2 s and 1.2 GB."""
Restate: TypeAlias = Callable[[pa.Table], pa.Table]
"""Gives rows with columns worked out anew: of the same schema, in the same order."""


def is_there(path: Path, at: int) -> bool:
    """Say whether every file of a version can still be read."""
    return all(Path(file).exists() for file in delta.files(path, at))


def rows_of(path: Path, at: int, columns: Sequence[str]) -> pl.LazyFrame:
    """Give some columns of a version, read from its files."""
    return _rows(path, at, delta.files(path, at), columns)


def changed_rows(path: Path, before: int, after: int, columns: Sequence[str]) -> pl.DataFrame:
    """Give the rows that only one of two versions has; a file that both have is not read.

    `columns` hold the table's key, so that no two rows of a version are equal.
    """
    old, new = set(delta.files(path, before)), set(delta.files(path, after))
    gone = _rows(path, before, sorted(old - new), columns).collect()
    come = _rows(path, after, sorted(new - old), columns).collect()
    return pl.concat([_without(gone, come), _without(come, gone)])


def _rows(path: Path, at: int, files: Sequence[str], columns: Sequence[str]) -> pl.LazyFrame:
    if not files:
        return pl.DataFrame(delta.schema(path, at).empty_table()).lazy().select(columns)
    # Spark writes nanoseconds without a zone, delta-rs microseconds of UTC, and either may have written a version
    return pl.scan_parquet(list(files)).select(columns).with_columns(pl.selectors.datetime().cast(MOMENT))


def _without(rows: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """Give the rows that are not among others; compared by a hash of 64 bits."""
    hashes = others.hash_rows() if others.height else pl.Series([], dtype=pl.UInt64)
    return rows.filter(~rows.hash_rows().is_in(hashes.implode())) if rows.height else rows


def replace(
    path: Path, at: int, key: str, changed: pl.Series, rows: pa.Table, app_id: str, restate: Restate | None = None
) -> int:
    """Put `rows` in the place of the rows of version `at` with a changed key or none; give the new version.

    One commit that carries `app_id`; memory stays bounded, and repeated, it is written once. The changed keys are
    noted beside the table. With `restate` every row passes through it, and nothing is noted: others change too.
    """
    if delta.transaction_version(path, app_id) is not None:
        return delta.version_by(path, app_id)
    schema = delta.schema(path, at)
    files = delta.files(path, at)  # asked for here: delta-rs cannot be called from the stream that it writes
    parts = _kept_and(files, key, changed, rows.select(schema.names).cast(schema))
    batches = (batch for part in parts for batch in (restate(part) if restate else part).to_batches())
    version = delta.overwrite(path, pa.RecordBatchReader.from_batches(schema, batches), app_id)
    if restate is None:
        _note(path, at, version, changed)
    return version


def without(rows: pl.LazyFrame, key: str, changed: pl.Series) -> pl.LazyFrame:
    """Give the rows that `replace` keeps: those with a key that did not change."""
    return rows.filter(pl.col(key).is_not_null() & ~pl.col(key).is_in(changed.drop_nulls().implode()))


def _kept_and(files: Sequence[str], key: str, changed: pl.Series, rows: pa.Table) -> Iterator[pa.Table]:
    is_kept = pc.field(key).is_valid() & ~pc.field(key).isin(changed.drop_nulls().to_arrow().cast(pa.string()))
    if files:
        scanner = ds.dataset(files, format=AS_SPARK_WRITES).scanner(
            filter=is_kept, columns=rows.schema.names, batch_size=BATCH_ROWS, batch_readahead=2, fragment_readahead=1
        )
        for batch in scanner.to_batches():
            yield pa.Table.from_batches([batch]).cast(rows.schema)
    yield rows


def _note(path: Path, before: int, version: int, changed: pl.Series) -> None:
    folder = path / FOLDER
    folder.mkdir(exist_ok=True)
    table = pa.table({"key": changed.to_arrow().cast(pa.string())})
    pq.write_table(table.replace_schema_metadata({BEFORE: str(before)}), folder / f"{version:020}.parquet")
    for outdated in sorted(folder.glob("*.parquet"))[:-KEPT]:
        outdated.unlink()


def noted_changes(path: Path, before: int, after: int) -> pl.Series | None:
    """Give the keys that were replaced from one version to another, or nothing where that was not noted."""
    found = [pl.Series("key", [], pl.String)]
    while after > before:
        file = path / FOLDER / f"{after:020}.parquet"
        if not file.exists():
            return None
        note = pq.read_table(file)
        found.append(pl.Series("key", note.column("key")).cast(pl.String))
        after = int(note.schema.metadata[BEFORE])
    return pl.concat(found).unique() if after == before else None
