"""Delta tables without a JVM: delta-rs for small reads and for loads.

Tables stay at reader 1 / writer 2: no column mapping (delta-rs reads it as NULL without an error), no deletion
vectors, no naive timestamps (delta-rs lifts the protocol for them).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, QueryBuilder, Transaction, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError

from cdp_assets.errors import LakeError

PROPERTIES = {
    "delta.deletedFileRetentionDuration": "interval 30 days",
    "delta.logRetentionDuration": "interval 60 days",
    "delta.enableDeletionVectors": "false",
}
Path_ = str | Path


def version(path: Path_) -> int | None:
    """Give a table's latest version, or nothing when there is no table."""
    table = _open(path)
    return None if table is None else int(table.version())


def _open(path: Path_, at: int | None = None) -> DeltaTable | None:
    try:
        return DeltaTable(str(path), version=at)
    except TableNotFoundError:
        return None


def _table(path: Path_, at: int | None = None) -> DeltaTable:
    found = _open(path, at)
    if found is None:
        raise LakeError(f"{Path(path).name}: no table there. Expected one to be written first.")
    return found


def schema(path: Path_, at: int | None = None) -> pa.Schema:
    """Give a table's Arrow schema."""
    return pa.schema(_table(path, at).schema().to_arrow())


def size_bytes(path: Path_, at: int | None = None) -> int:
    """Give the bytes of a version's files."""
    actions = pa.table(_table(path, at).get_add_actions(flatten=True))
    return int(sum(actions.column("size_bytes").to_pylist()))


def count(path: Path_, at: int | None = None) -> int:
    """Give a version's rows."""
    return int(sql(path, "SELECT COUNT(*) AS n FROM t", at).column("n")[0].as_py())


def read(
    path: Path_, at: int | None = None, *, columns: Sequence[str] | None = None, limit: int | None = None
) -> pa.Table:
    """Give a version's rows, or some columns, or the first few rows."""
    chosen = ", ".join(f'"{name}"' for name in columns) if columns else "*"
    return sql(path, f"SELECT {chosen} FROM t" + (f" LIMIT {int(limit)}" if limit is not None else ""), at)


def sql(path: Path_, query: str, at: int | None = None) -> pa.Table:
    """Answer a query of ours over one table, named `t`, by DataFusion (it reads every table we write)."""
    try:
        batches = QueryBuilder().register("t", _table(path, at)).execute(query)
        return pa.table(batches.read_all())
    except DeltaError as error:
        raise LakeError(f"{Path(path).name}: cannot be read ({type(error).__name__}).") from None


def transaction_version(path: Path_, app_id: str) -> int | None:
    """Give the version number that an application last committed into a table, or nothing."""
    table = _open(path)
    return None if table is None else table.transaction_version(app_id)


def create(path: Path_, table_schema: pa.Schema) -> None:
    """Make an empty table with our properties, if there is none."""
    _refuse_naive(table_schema)
    if _open(path) is None:
        DeltaTable.create(str(path), table_schema, mode="ignore", configuration=PROPERTIES)


def append(path: Path_, rows: pa.RecordBatchReader | pa.Table, app_id: str) -> int:
    """Add rows in one commit that carries `app_id`; stream, so that memory stays bounded. Gives the version."""
    return _write(path, rows, "append", app_id)


def overwrite(path: Path_, rows: pa.RecordBatchReader | pa.Table, app_id: str) -> int:
    """Replace all rows in one commit that carries `app_id`. Gives the version."""
    return _write(path, rows, "overwrite", app_id)


def _write(
    path: Path_, rows: pa.RecordBatchReader | pa.Table, mode: Literal["append", "overwrite"], app_id: str
) -> int:
    _refuse_naive(rows.schema)
    try:
        write_deltalake(
            str(path),
            rows,
            mode=mode,
            configuration=PROPERTIES,
            commit_properties=CommitProperties(app_transactions=[Transaction(app_id, 1)]),
        )
    except (DeltaError, pa.ArrowException) as error:
        raise LakeError(f"{Path(path).name}: cannot be written ({type(error).__name__}).") from None
    return int(_table(path).version())


def merge(path: Path_, rows: pa.RecordBatchReader | pa.Table, app_id: str, *, key: str, newest: str) -> int:
    """Upsert by `key` in one commit that carries `app_id`; a row wins when its `newest` is not smaller. Gives the version."""
    _refuse_naive(rows.schema)
    try:
        merger = _table(path).merge(
            rows,
            predicate=f'target."{key}" = source."{key}"',
            source_alias="source",
            target_alias="target",
            commit_properties=CommitProperties(app_transactions=[Transaction(app_id, 1)]),
        )
        merger.when_matched_update_all(
            predicate=f'source."{newest}" >= target."{newest}"'
        ).when_not_matched_insert_all().execute()
    except (DeltaError, pa.ArrowException) as error:
        raise LakeError(f"{Path(path).name}: cannot be merged into ({type(error).__name__}).") from None
    return int(_table(path).version())


def _refuse_naive(table_schema: pa.Schema) -> None:
    naive = [field.name for field in table_schema if pa.types.is_timestamp(field.type) and field.type.tz is None]
    if naive:
        raise LakeError(f"{', '.join(naive)}: a timestamp without a zone. Expected UTC-aware timestamps.")


def protocol(path: Path_) -> tuple[int, int]:
    """Give a table's reader and writer protocol versions."""
    found = _table(path).protocol()
    return found.min_reader_version, found.min_writer_version
