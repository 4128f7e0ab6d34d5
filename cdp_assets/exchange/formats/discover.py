"""Which columns a file has, by the names by which they can be asked for."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import pyarrow as pa

from cdp_assets.config.file_format import (
    AvroFormat,
    CborFormat,
    DelimitedFormat,
    FileFormat,
    JsonFormat,
    JsonStreamFormat,
    LinesFormat,
    NdjsonFormat,
    ParquetFormat,
    XmlFormat,
)
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.columns import MOST_COLUMNS
from cdp_assets.exchange.formats.delimited_body import opened, read_header
from cdp_assets.exchange.formats.json_document import json_records, json_stream_records
from cdp_assets.exchange.formats.lines import COLUMN
from cdp_assets.exchange.formats.ndjson import ndjson_records
from cdp_assets.exchange.formats.parquet import parquet_schema
from cdp_assets.exchange.formats.xml import xml_records

RECORDS_LOOKED_AT = 10_000
"""Records of a format without a header differ in their keys; so many are looked at."""
_DEPTH = 16
"""Records within records are entered so often."""


def columns_of(stream: BinaryIO, format: FileFormat, file: str) -> list[str]:
    """Give the names and dotted paths of a file's columns, in the order in which they come; lists are not entered.

    Delimited text without a header has `column_1`, `column_2` …. Raises SourceError as reading does.
    """
    found = list(itertools.islice(dict.fromkeys(_COLUMNS[format.kind](stream, format, file)), MOST_COLUMNS + 1))
    if len(found) > MOST_COLUMNS:
        raise SourceError(file, f"has more than {MOST_COLUMNS:,} columns", "keys that are names, not data")
    return found


def _delimited(stream: BinaryIO, format: DelimitedFormat, file: str) -> list[str]:
    first = read_header(opened(stream, format, file), format, file)
    return [name for name in first if name.strip()] if format.header else unnamed(len(first))


def unnamed(count: int) -> list[str]:
    """Give names for so many columns without any.

    >>> unnamed(2)
    ['column_1', 'column_2']
    """
    return [f"column_{number}" for number in range(1, count + 1)]


def _nested(records: Iterable[tuple[Any, int]]) -> Iterator[str]:
    """Give the path of every value that is no record itself."""
    for record, _ in itertools.islice(records, RECORDS_LOOKED_AT):
        if isinstance(record, dict):
            yield from _paths(record, "", _DEPTH)


def _paths(record: Mapping[Any, Any], front: str, depth: int) -> Iterator[str]:
    for key, value in record.items():
        if isinstance(value, dict) and value and depth:
            yield from _paths(value, f"{front}{key}.", depth - 1)
        else:
            yield f"{front}{key}"


def _json(stream: BinaryIO, format: JsonFormat, file: str) -> Iterator[str]:
    return _nested(json_records(stream, format, file))


def _json_stream(stream: BinaryIO, format: JsonStreamFormat, file: str) -> Iterator[str]:
    return _nested(json_stream_records(stream, format, file))


def _ndjson(stream: BinaryIO, format: NdjsonFormat, file: str) -> Iterator[str]:
    return _nested(ndjson_records(stream, format, file))


def _avro(stream: BinaryIO, format: AvroFormat, file: str) -> Iterator[str]:
    from cdp_assets.exchange.formats.avro import avro_records  # fastavro takes 0.13 s to import

    return _nested(avro_records(stream, format, file))


def _cbor(stream: BinaryIO, format: CborFormat, file: str) -> Iterator[str]:
    from cdp_assets.exchange.formats.cbor import cbor_records

    return _nested(cbor_records(stream, format, file))


def _xml(stream: BinaryIO, format: XmlFormat, file: str) -> Iterator[str]:
    records = itertools.islice(xml_records(stream, format, file), RECORDS_LOOKED_AT)
    return itertools.chain.from_iterable(records)


def _parquet(stream: BinaryIO, _: ParquetFormat, file: str) -> Iterator[str]:
    return _fields(parquet_schema(stream, file), "")


def _fields(fields: Iterable[pa.Field], front: str) -> Iterator[str]:
    """Give the paths of columns that hold one value; a list is none, and is left out."""
    for field in fields:
        if pa.types.is_struct(field.type):
            yield from _fields(field.type, f"{front}{field.name}.")
        elif not pa.types.is_nested(field.type):
            yield f"{front}{field.name}"


def _lines(_: BinaryIO, __: LinesFormat, ___: str) -> list[str]:
    return [COLUMN]


_COLUMNS: dict[str, Callable[[BinaryIO, Any, str], Iterable[str]]] = {
    **dict.fromkeys(("csv", "tsv", "psv", "dsv"), _delimited),
    "ndjson": _ndjson,
    "json": _json,
    "json_stream": _json_stream,
    "xml": _xml,
    "avro": _avro,
    "parquet": _parquet,
    "cbor": _cbor,
    "lines": _lines,
}
