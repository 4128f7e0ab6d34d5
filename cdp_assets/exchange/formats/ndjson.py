"""Reads newline-delimited JSON, a line at a time."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO

from cdp_assets.config.file_format import NdjsonFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.json_values import DECODER, NO_OBJECT
from cdp_assets.exchange.formats.record_columns import batches_of
from cdp_assets.exchange.formats.records import RECORD_BYTES
from cdp_assets.exchange.formats.text import Utf8Text
from cdp_assets.exchange.streams import stream_of


def read_ndjson(
    stream: BinaryIO, format: NdjsonFormat, columns: Sequence[str], file: str, optional: Collection[str]
) -> Iterator[Batch | Malformed]:
    """Give the rows as strings; a line that is no JSON object is Malformed, blank lines are skipped.

    Columns are found as `batches_of` says. Numbers keep their spelling, true and false become words, null is
    null, objects and arrays JSON text.
    """
    return batches_of(ndjson_records(stream, format, file), columns, optional, file, no_record=NO_OBJECT)


def ndjson_records(stream: BinaryIO, format: NdjsonFormat, file: str) -> Iterator[tuple[Any, int]]:
    """Give what each line that is not blank holds, None where it is no JSON, and the line's bytes."""
    source, row = Utf8Text(stream, format.encoding, file), 0
    for row, line in enumerate(_lines(source, file), 1):  # noqa: B007 - the last row is named by an error
        try:
            yield DECODER.decode(line.decode()), len(line)
        except (ValueError, RecursionError):
            yield None, len(line)
    if source.damaged:
        raise source.wrong_encoding(row)
    if row == 0:
        raise SourceError(file, "is empty", "at least one record")


def _lines(source: Utf8Text, file: str) -> Iterator[bytes]:
    with stream_of(source.read) as lines:
        assert isinstance(lines, io.BufferedReader)  # noqa: S101 - for its limited readline
        while line := lines.readline(RECORD_BYTES):
            if len(line) == RECORD_BYTES:
                raise SourceError(file, f"has a line of {RECORD_BYTES} bytes or more", "one record a line")
            if not line.isspace():
                yield line
