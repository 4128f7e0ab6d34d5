"""Writes the records of formats that Spark has no reader for as newline-delimited JSON, which it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from cdp_assets.config.file_format import AvroFormat, CborFormat, JsonStreamFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.binary_values import spelled
from cdp_assets.exchange.formats.json_document import json_stream_records
from cdp_assets.exchange.formats.json_values import text

AsNdjson = AvroFormat | CborFormat | JsonStreamFormat
"""The formats that are written so."""


def write_as_ndjson(stream: BinaryIO, format: AsNdjson, target: BinaryIO, file: str) -> None:
    """Write each record as an object on a line of its own, its values as `read` spells nested ones.

    Numbers keep all their digits; dates, times and bytes are texts. Raises SourceError as reading does, and for what is
    no record.
    """
    records, spelled = _records(stream, format, file)
    for row, (record, _) in enumerate(records, 1):
        try:
            line = spelled(record) if isinstance(record, dict) else None
            if line is None:
                raise SourceError(file, "is no record", "an object for each", row)
            target.write(line.encode() + b"\n")
        except (ValueError, RecursionError):
            raise SourceError(
                file, "has values that JSON cannot say, or nests too deep", "plainer records", row
            ) from None


def _records(
    stream: BinaryIO, format: AsNdjson, file: str
) -> tuple[Iterator[tuple[Any, int]], Callable[[Any], str | None]]:
    """Give the records and what spells one."""
    if isinstance(format, JsonStreamFormat):
        return json_stream_records(stream, format, file), text
    if isinstance(format, CborFormat):
        from cdp_assets.exchange.formats.cbor import cbor_records

        return cbor_records(stream, format, file), spelled
    from cdp_assets.exchange.formats.avro import avro_records  # fastavro takes 0.13 s to import

    return avro_records(stream, format, file), spelled
