"""Reads pieces of files on a worker: the same readers and the same parser as for a file that has landed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from cdp_assets.config.courier import CourierFile
from cdp_assets.config.feed import Feed
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.pieces import Piece, read_piece
from cdp_assets.exchange.locations.objects import ObjectLocation
from cdp_assets.lakehouse.arrow import plain_schema
from cdp_assets.sources import key
from cdp_assets.sources.in_place.outcome import Outcome
from cdp_assets.sources.in_place.store import SealedStore
from cdp_assets.sources.parse import Parser, Records, table_schema

FILE, PART, PLACE, OUTCOME = "_cdp_file", "_cdp_part", "_cdp_place", "_cdp_outcome"
"""Where a record stands: the file's number, the piece's in it, the record's in that; or else what came of a piece."""
_PLACES = ((FILE, pa.int32()), (PART, pa.int32()), (PLACE, pa.int64()), (OUTCOME, pa.string()))


@dataclass(frozen=True)
class SourceFile:
    """A file in the store, by its version, and how it is read."""

    name: str
    version: str
    size_bytes: int
    sequence: int
    kind: CourierFile


@dataclass(frozen=True)
class Share:
    """A piece of one of the files."""

    file: int
    part: int
    piece: Piece


@dataclass(frozen=True)
class Asked:
    """What workers are to read; a task takes several shares, one after another."""

    feed: Feed
    files: Mapping[int, SourceFile]
    tasks: tuple[tuple[Share, ...], ...]
    deleted: tuple[str, ...]


def stage_schema(feed: Feed) -> pa.Schema:
    """Give the columns of what workers give: the table's and where a record stands."""
    return pa.schema([*plain_schema(table_schema(feed)), *(pa.field(name, kind) for name, kind in _PLACES)])


def read_task(asked: Asked, store: SealedStore, task: int) -> Iterator[pa.RecordBatch]:
    """Give the good records of a task's shares, and after those of each share one row with its outcome alone."""
    location = store.open()
    for share in asked.tasks[task]:
        yield from _read(asked, share, location)


def _read(asked: Asked, share: Share, location: ObjectLocation) -> Iterator[pa.RecordBatch]:
    source, schema = asked.files[share.file], stage_schema(asked.feed)
    kind, error, good = source.kind, None, 0
    parser = Parser(asked.feed, kind, file=source.name, sequence=source.sequence, deleted=asked.deleted)
    opened = location.pinned(source.name, source.version, source.size_bytes)
    try:
        rows = read_piece(opened, share.piece, kind.format, parser.columns, source.name, parser.optional)
        for records in parser.records_of(rows):
            yield _placed(records, share, good, schema)
            good += records.table.num_rows
    except SourceError as found:
        error = found
    outcome = Outcome.of(share.file, share.part, parser, good, error)
    yield pa.RecordBatch.from_pylist([{OUTCOME: outcome.spelled()}], schema=schema)


def _placed(records: Records, share: Share, before: int, schema: pa.Schema) -> pa.RecordBatch:
    """Give records as the stage has them."""
    count = records.table.num_rows
    columns = dict(zip(records.table.schema.names, records.table.columns, strict=True))
    columns[key.UUID_PK], columns[key.UPDATED] = key.uuids(records.digests), pa.array(records.updated)
    columns[FILE] = pa.array(np.full(count, share.file, np.int32))
    columns[PART] = pa.array(np.full(count, share.part, np.int32))
    columns[PLACE] = pa.array(np.arange(before, before + count, dtype=np.int64))
    columns[OUTCOME] = pa.nulls(count, pa.string())
    return pa.RecordBatch.from_arrays(
        [columns[name].cast(schema.field(name).type) for name in schema.names], schema=schema
    )
