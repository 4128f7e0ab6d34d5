"""Delta tables without a JVM: delta-rs for small reads and for loads.

Tables stay at reader 1 / writer 2: no column mapping (delta-rs reads it as NULL without an error), no deletion
vectors, no naive timestamps (delta-rs lifts the protocol for them).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, QueryBuilder, Transaction, WriterProperties, write_deltalake
from deltalake.exceptions import SchemaMismatchError, TableNotFoundError

from cdp_assets.errors import CdpError, LakeError
from cdp_assets.lakehouse.arrow import WatchedReader, plain_schema

PROPERTIES = {
    "delta.deletedFileRetentionDuration": "interval 30 days",
    "delta.logRetentionDuration": "interval 60 days",
    "delta.enableDeletionVectors": "false",
}
WITHOUT_VALUES = {"delta.dataSkippingNumIndexedCols": "0"}
"""What a table that is replaced whole has beside: its log, which outlives the files, names no least and greatest value
of a column. One would be somebody's e-mail, and stay for weeks after they were deleted for good."""
COMMIT_ID = "userMetadata"
"""The commit's field that names who wrote it; Spark's writer option has the same name."""
CONTENT = "_cdp_content"
"""The commit's field that says which rows the version holds, where whoever wrote it knew; see `content.py`. Spark can
name one field alone, so there it is the second line of COMMIT_ID."""
WRITER = WriterProperties(compression="SNAPPY", max_row_group_size=131_072, dictionary_page_size_limit=16_384)
"""Over delta-rs's own choice, 250 MB of text took 1.4 s of a core instead of 2.4 to write, and 200 MB less memory; the
files are 6 % larger. A dictionary is given up early where a column has many values."""
HISTORY_LIMIT = 500
BATCH_ROWS = 65_536
"""Rows that a stream holds in memory at a time."""
Path_: TypeAlias = str | Path
Rows: TypeAlias = pa.RecordBatchReader | pa.Table


def version(path: Path_) -> int | None:
    """Give a table's latest version, or nothing when there is no table."""
    table = _open(path)
    return None if table is None else int(table.version())


def schema(path: Path_, at: int | None = None) -> pa.Schema:
    """Give a table's Arrow schema."""
    return pa.schema(_table(path, at).schema().to_arrow())


def protocol(path: Path_) -> tuple[int, int]:
    """Give a table's reader and writer protocol versions."""
    found = _table(path).protocol()
    return found.min_reader_version, found.min_writer_version


def size_bytes(path: Path_, at: int | None = None) -> int:
    """Give the bytes of a version's files."""
    actions = pa.table(_table(path, at).get_add_actions(flatten=True))
    return int(sum(actions.column("size_bytes").to_pylist()))


def count(path: Path_, at: int | None = None) -> int:
    """Give a version's rows."""
    return int(sql(path, "SELECT COUNT(*) AS n FROM t", at).column("n")[0].as_py())


def read(
    path: Path_,
    at: int | None = None,
    *,
    columns: Sequence[str] | None = None,
    sql_where: str | None = None,
    limit: int | None = None,
) -> pa.Table:
    """Give a version's rows, or some columns, or those that a condition of ours keeps, or the first few."""
    chosen = ", ".join(_quoted(name) for name in columns) if columns else "*"
    where = f" WHERE {sql_where}" if sql_where else ""
    return sql(path, f"SELECT {chosen} FROM t{where}" + (f" LIMIT {int(limit)}" if limit is not None else ""), at)


def stream(path: Path_, at: int | None = None) -> pa.RecordBatchReader:
    """Give a version's rows a batch at a time and always in one order: of its files' names, then as written.

    Spark numbers the files of a sorted answer, so that its order stays. The reader can be read once, and takes the
    memory of about one row group.
    """
    with ours(path, "read"):
        dataset = _table(path, at).to_pyarrow_dataset()
    return WatchedReader(pa.RecordBatchReader.from_batches(dataset.schema, _in_order(path, dataset))).reader()


def _in_order(path: Path_, dataset: Any) -> Iterator[pa.RecordBatch]:
    with ours(path, "read"):
        for fragment in sorted(dataset.get_fragments(), key=lambda one: str(one.path)):
            yield from fragment.to_batches(schema=dataset.schema, batch_size=BATCH_ROWS, batch_readahead=0)


def sql(path: Path_, query: str, at: int | None = None) -> pa.Table:
    """Answer a query of ours over one table, named `t`, by DataFusion (it reads every table we write)."""
    return answer(query, {"t": (path, at)})


def answer(query: str, tables: Mapping[str, tuple[Path_, int | None]]) -> pa.Table:
    """Answer a query of ours over several tables, each at a version, under the names that they are given."""
    with ours(", ".join(str(path) for path, _ in tables.values()), "read"):
        asked = QueryBuilder()
        for name, (path, at) in tables.items():
            asked = asked.register(name, _table(path, at))
        found = pa.table(asked.execute(query).read_all())
        return found.cast(plain_schema(found.schema))


def transaction_version(path: Path_, app_id: str) -> int | None:
    """Give the number that an application last committed into a table, or nothing."""
    table = _open(path)
    return None if table is None else table.transaction_version(app_id)


def version_by(path: Path_, app_id: str) -> int:
    """Give the version that `app_id` committed, or the latest when the log no longer says which."""
    table = _table(path)
    for commit in table.history(HISTORY_LIMIT):
        if _lines(commit)[0] == app_id:
            return int(commit["version"])
    return int(table.version())


def create(path: Path_, table_schema: pa.Schema) -> int:
    """Make an empty table with our properties, if there is none. Gives the version."""
    plain = plain_schema(table_schema)
    with ours(path, "created"):
        table = _open(path) or DeltaTable.create(str(path), plain, mode="ignore", configuration=PROPERTIES)
        return int(table.version())


def files(path: Path_, at: int) -> list[str]:
    """Give the files that hold a version's rows; only tables that are written plainly may be read from them."""
    return [str(file) for file in _table(path, at).file_uris()]


def content(path: Path_, at: int) -> str | None:
    """Give what the commit of a version says of the rows that it left, or nothing where it does not say."""
    commit: Mapping[str, Any] = next((one for one in _table(path).history(HISTORY_LIMIT) if one["version"] == at), {})
    return commit.get(CONTENT) or _lines(commit)[1] or None


def commit_lines(app_id: str, content: str | None) -> str:
    """Give what a commit of Spark's has as its COMMIT_ID."""
    return app_id if content is None else f"{app_id}\n{content}"


def _lines(commit: Mapping[str, Any]) -> tuple[str, str]:
    """Give who made a commit and which rows it left, as `commit_lines` put them together."""
    app_id, _, content = str(commit.get(COMMIT_ID, "")).partition("\n")
    return app_id, content


def append(
    path: Path_,
    rows: Rows,
    app_id: str,
    app_version: int = 1,
    content: str | None = None,
    *,
    after: int | None = None,
) -> int:
    """Add rows in one commit that carries `app_id`; stream, so that memory stays bounded. Gives the version.

    An error that the stream raises leaves the table as it was, and is raised here when it is one of ours. With
    `after` the commit follows that version or fails, for rows that were chosen by what it holds.
    """
    return _write(path, rows, "append", app_id, app_version, content, after)


def overwrite(
    path: Path_,
    rows: Rows,
    app_id: str,
    app_version: int = 1,
    content: str | None = None,
    *,
    after: int | None = None,
    properties: Mapping[str, str] | None = None,
) -> int:
    """Replace all rows, and the schema, in one commit that carries `app_id`; else as `append`. Gives the version.

    A table that is not there yet is made with `properties` beside PROPERTIES.
    """
    return _write(path, rows, "overwrite", app_id, app_version, content, after, {**PROPERTIES, **(properties or {})})


def _write(
    path: Path_,
    rows: Rows,
    mode: str,
    app_id: str,
    app_version: int,
    content: str | None,
    after: int | None,
    properties: Mapping[str, str] = PROPERTIES,
) -> int:
    watched = WatchedReader(rows)
    with ours(path, "written", watched):
        table = _open(path, after)
        write_deltalake(
            str(path) if table is None else table,
            watched.reader(),
            mode=mode,
            schema_mode="overwrite" if mode == "overwrite" else None,
            configuration=properties if table is None else None,
            commit_properties=commit_properties(app_id, app_version, content, after),
            writer_properties=WRITER,
        )
        return version_by(path, app_id) if table is None else int(table.version())


def merge(path: Path_, rows: Rows, app_id: str, app_version: int = 1, *, key: str, newest: str) -> int:
    """Upsert by `key` in one commit that carries `app_id`; a row wins when its `newest` is not smaller.

    `key` is unique among the rows. Gives the version.
    """
    watched = WatchedReader(rows)
    key, newest = _quoted(key), _quoted(newest)
    with ours(path, "merged into", watched):
        table = _table(path)
        table.merge(
            watched.reader(),
            predicate=f"target.{key} = source.{key}",
            source_alias="source",
            target_alias="target",
            commit_properties=commit_properties(app_id, app_version),
            writer_properties=WRITER,
        ).when_matched_update_all(
            predicate=f"source.{newest} >= target.{newest}"
        ).when_not_matched_insert_all().execute()
        return int(table.version())


def commit_properties(
    app_id: str, app_version: int = 1, content: str | None = None, after: int | None = None
) -> CommitProperties:
    """Give what a commit of ours says of itself: who made it, and which rows it left where that is known.

    With `after`, the version that it was begun at, it is tried once: another try would follow whatever came between.
    """
    metadata = {COMMIT_ID: app_id} | ({CONTENT: content} if content else {})
    return CommitProperties(
        app_transactions=[Transaction(app_id, app_version)],
        custom_metadata=metadata,
        max_commit_retries=None if after is None else 0,
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _open(path: Path_, at: int | None = None) -> DeltaTable | None:
    try:
        return DeltaTable(str(path), version=at)
    except TableNotFoundError:
        return None


def _table(path: Path_, at: int | None = None) -> DeltaTable:
    with ours(path, "opened"):
        found = _open(path, at)
    if found is None:
        raise LakeError(f"{path}: no table there. Expected one to be written first.")
    return found


@contextmanager
def ours(path: Path_, done: str, watched: WatchedReader | None = None) -> Iterator[None]:
    """Raise LakeError for what delta-rs raises, without its text, which may quote a row; our own errors pass."""
    try:
        yield
    except CdpError:
        raise
    except Exception as error:  # noqa: BLE001 - delta-rs raises bare Exception too
        failure = watched.failure if watched else None
        if isinstance(failure, CdpError):
            raise failure from None
        cause = type(failure or error).__name__
        differing = _differing(path, watched.schema) if isinstance(error, SchemaMismatchError) and watched else ""
        raise LakeError(
            f"{path}: cannot be {done} ({cause}{differing}). Its own text is withheld because it may quote a row."
        ) from None


def _differing(path: Path_, given: pa.Schema) -> str:
    """Name the columns that the table and the rows do not have alike."""
    there = set(zip(schema(path).names, schema(path).types, strict=True))
    names = {name for name, _ in there ^ set(zip(given.names, given.types, strict=True))}
    return f": {', '.join(sorted(names))}"
