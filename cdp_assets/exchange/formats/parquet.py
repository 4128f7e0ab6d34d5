"""Reads Parquet, a batch of rows at a time, with the types it has."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cdp_assets.config.file_format import ParquetFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.columns import MOST_COLUMNS, by_folded_name, fold, refuse_absent
from cdp_assets.exchange.formats.parquet_footer import Chunk, chunks_of
from cdp_assets.exchange.formats.parquet_pages import AT_ONCE_BYTES, rows_at_once
from cdp_assets.exchange.streams import look, seekable

_BATCH_ROWS, _BATCH_BYTES = 65_536, 16 << 20
_MAGIC, _TAIL_BYTES = b"PAR1", 8
_ZSTD = 6
"""Its number among the compressions."""
_BUFFER_BYTES = 1 << 20
FOOTER_BYTES = 64 << 20
"""The table of contents of ten thousand columns in a thousand row groups takes less."""
_THRIFT_ITEMS = 1_000_000
_DEPTH = 64
_AS_UTC = pc.CastOptions(pa.timestamp("us", tz="UTC"), allow_time_truncate=True)

Path = tuple[str, ...]
"""The names that lead to a column, as the file spells them; empty for an absent column."""


def read_parquet(
    stream: BinaryIO, format: ParquetFormat, columns: Sequence[str], file: str, optional: Collection[str]
) -> Iterator[Batch | Malformed]:
    """Give the rows with their own types; a timestamp is UTC, a dictionary its values.

    A column is a name, in any case, or a dotted path into nested records. The file's table of contents
    is at its end, so a stream that cannot seek is first copied to disk.
    Raises SourceError for zstd, which is documented as not supported on ingest.
    """
    return _rows(stream, columns, optional, file, None)


def read_parquet_piece(
    stream: BinaryIO, columns: Sequence[str], file: str, optional: Collection[str], places: range
) -> Iterator[Batch | Malformed]:
    """Give the rows of the row groups that begin at these places of the file, numbered from 1; else as `read_parquet`.

    Of places that part a file each group begins at one, also where its table of contents says that it is outside.
    """
    return _rows(stream, columns, optional, file, places)


def _rows(
    stream: BinaryIO, columns: Sequence[str], optional: Collection[str], file: str, places: range | None
) -> Iterator[Batch]:
    front, whole = look(stream, 4)
    if not front:
        raise SourceError(file, "is empty", "a Parquet file")
    row = 1
    opened = seekable(whole)
    with _damage_as_source_error(file), _opened(opened, chunks := _chunks(opened, file), file) as source:
        paths = _paths(source.schema_arrow, columns, optional, file)
        wanted = sorted({path[0] for path in paths if path})
        groups = _groups(chunks, source, places, opened.seek(0, os.SEEK_END))
        most_rows = rows_at_once(opened, _holding(chunks, source, wanted, groups), file)
        read = source.iter_batches(batch_size=most_rows, row_groups=groups, columns=wanted, use_threads=False)
        for batch in _gathered(_decoded(batch, paths, columns, file) for batch in read):
            rows = np.arange(row, row + batch.num_rows, dtype=np.int64)
            row += batch.num_rows
            batch.validate(full=True)  # text that is not UTF-8 would be written, and never read again
            yield Batch(batch, rows)


def _decoded(batch: pa.RecordBatch, paths: Sequence[Path], columns: Sequence[str], file: str) -> pa.RecordBatch:
    found = pa.RecordBatch.from_arrays([_column(batch, path) for path in paths], names=list(columns))
    if found.nbytes > AT_ONCE_BYTES:
        problem = f"has {found.num_rows:,} rows of more than {AT_ONCE_BYTES} bytes together"
        raise SourceError(file, problem, "smaller rows")
    return found


def _gathered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Give the same rows in batches that are worth their cost, and not too large."""
    waiting: list[pa.RecordBatch] = []
    rows = size_bytes = 0
    for batch in batches:
        waiting.append(batch)
        rows, size_bytes = rows + batch.num_rows, size_bytes + batch.nbytes
        if rows >= _BATCH_ROWS or size_bytes >= _BATCH_BYTES:
            yield pa.concat_batches(waiting)
            waiting, rows, size_bytes = [], 0, 0
    if waiting:
        yield pa.concat_batches(waiting)


def parquet_schema(stream: BinaryIO, file: str) -> pa.Schema:
    """Give a file's columns and their types; raises SourceError as reading it does."""
    opened = seekable(stream)
    with _damage_as_source_error(file), _opened(opened, _chunks(opened, file), file) as source:
        return source.schema_arrow


def _opened(stream: BinaryIO, chunks: Sequence[Chunk], file: str) -> pq.ParquetFile:
    """Open a file whose table of contents, which has told of these chunks, is within the limits."""
    if _ZSTD in {chunk.codec for chunk in chunks}:
        problem = "is compressed with zstd, which is not supported on ingest"
        raise SourceError(file, problem, "Parquet with Snappy, gzip or no compression")
    source = pq.ParquetFile(
        stream,
        coerce_int96_timestamp_unit="us",
        pre_buffer=False,  # else a whole row group is in memory, whatever its size
        buffer_size=_BUFFER_BYTES,
        thrift_string_size_limit=FOOTER_BYTES,
        thrift_container_size_limit=_THRIFT_ITEMS,
        schema_depth_limit=_DEPTH,
    )
    if source.metadata.num_columns > MOST_COLUMNS:
        raise SourceError(file, f"has {source.metadata.num_columns:,} columns", f"at most {MOST_COLUMNS:,}")
    return source


def _groups(chunks: Sequence[Chunk], source: pq.ParquetFile, places: range | None, size_bytes: int) -> list[int]:
    """Give the row groups that begin at these places, all of them where none are said; ValueError where damaged."""
    count, width = source.metadata.num_row_groups, source.metadata.num_columns
    if len(chunks) != count * width:
        raise ValueError
    starts = [min((one.start for one in chunks[at * width : (at + 1) * width]), default=0) for at in range(count)]
    return [at for at in range(count) if places is None or min(max(0, starts[at]), size_bytes - 1) in places]


def _holding(
    chunks: Sequence[Chunk], source: pq.ParquetFile, wanted: Sequence[str], groups: Sequence[int]
) -> list[Chunk]:
    """Give the columns, in these row groups, that hold a wanted name's values."""
    paths = [source.schema.column(number).path for number in range(source.metadata.num_columns)]
    taken = [any(path == name or path.startswith(f"{name}.") for name in wanted) for path in paths]
    return [chunks[at * len(paths) + number] for at in groups for number, is_taken in enumerate(taken) if is_taken]


def _chunks(stream: BinaryIO, file: str) -> list[Chunk]:
    """Give what the table of contents tells of every column of every row group, and leave the stream at its start."""
    size_bytes = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size_bytes - _TAIL_BYTES))
    tail = stream.read(_TAIL_BYTES)
    footer_bytes = int.from_bytes(tail[:4], "little")
    if tail[4:] != _MAGIC or footer_bytes > size_bytes - _TAIL_BYTES - len(_MAGIC):
        problem = "cannot be read as parquet: it is damaged or cut short, its table of contents is not at its end"
        raise SourceError(file, problem, "a whole Parquet file")
    if footer_bytes > FOOTER_BYTES:
        raise SourceError(file, "has a table of contents that is too large", f"one of at most {FOOTER_BYTES} bytes")
    stream.seek(size_bytes - _TAIL_BYTES - footer_bytes)
    footer = stream.read(footer_bytes)
    stream.seek(0)
    return chunks_of(footer)


@contextmanager
def _damage_as_source_error(file: str) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, OSError, ValueError, NotImplementedError) as error:
        problem = f"cannot be read as parquet: it is damaged or cut short ({type(error).__name__})"
        raise SourceError(file, problem, "a whole Parquet file") from None


def _paths(schema: pa.Schema, columns: Sequence[str], optional: Collection[str], file: str) -> list[Path]:
    by_folded_name(schema.names, file)
    fields = [_field(list(schema), column) for column in columns]
    refuse_absent([c for c, field in zip(columns, fields, strict=True) if field is None], optional, file)
    for column, field in zip(columns, fields, strict=True):
        if field is not None and pa.types.is_nested(field[1]):
            expected = "a dotted path to one value, or a custom domain table that takes it apart"
            raise SourceError(file, f"column `{column}` holds records or lists", expected)
    return [() if field is None else field[0] for field in fields]


def _field(fields: Sequence[pa.Field], column: str) -> tuple[Path, pa.DataType] | None:
    """Find a field by its name, else by the first part of a dotted path and then inside it."""
    by_name = {fold(field.name): field for field in fields}
    if (whole := by_name.get(fold(column))) is not None:
        return (whole.name,), whole.type
    front, dot, rest = column.partition(".")
    outer = by_name.get(fold(front))
    if not dot or outer is None or not pa.types.is_struct(outer.type):
        return None
    inner = _field(list(outer.type), rest)
    return None if inner is None else ((outer.name, *inner[0]), inner[1])


def _column(batch: pa.RecordBatch, path: Path) -> pa.Array:
    if not path:
        return pa.nulls(batch.num_rows, pa.string())
    column = batch.column(path[0])
    for name in path[1:]:
        column = pc.struct_field(column, name)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type):
        return pc.cast(column, options=_AS_UTC)
    if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        return column.cast(pa.string())  # older writers do not mark their text as such
    return column
