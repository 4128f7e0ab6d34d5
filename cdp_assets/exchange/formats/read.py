"""Reads a file of any known format as batches of named columns."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, BinaryIO

from cdp_assets.config.file_format import FileFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs.limits import LIMITS
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.delimited import read_delimited
from cdp_assets.exchange.formats.json_document import read_json, read_json_stream
from cdp_assets.exchange.formats.lines import read_lines
from cdp_assets.exchange.formats.ndjson import read_ndjson
from cdp_assets.exchange.formats.parquet import read_parquet
from cdp_assets.exchange.formats.xml import read_xml
from cdp_assets.exchange.formats.zero_bytes import without_zero_bytes

Reader = Callable[[BinaryIO, Any, Sequence[str], str, Collection[str]], Iterator[Batch | Malformed]]


def _read_avro(*arguments: Any) -> Iterator[Batch | Malformed]:
    from cdp_assets.exchange.formats.avro import read_avro  # fastavro takes 0.13 s to import

    return read_avro(*arguments)


def _read_cbor(*arguments: Any) -> Iterator[Batch | Malformed]:
    from cdp_assets.exchange.formats.cbor import read_cbor

    return read_cbor(*arguments)


READERS: dict[str, Reader] = {
    "csv": read_delimited,
    "tsv": read_delimited,
    "psv": read_delimited,
    "dsv": read_delimited,
    "ndjson": read_ndjson,
    "json": read_json,
    "json_stream": read_json_stream,
    "xml": read_xml,
    "avro": _read_avro,
    "parquet": read_parquet,
    "cbor": _read_cbor,
    "lines": read_lines,
}


def read(
    stream: BinaryIO, format: FileFormat, columns: Sequence[str], file: str, optional: Collection[str] = ()
) -> Iterator[Batch | Malformed]:
    """Give the rows of one decompressed file, in order, streamed.

    Args:
        stream: The file's bytes; need not be seekable.
        columns: Which columns, by their names in the file (any case) or a dotted path into nested rows.
        file: How errors call the file.
        optional: Those of `columns` that may be absent; they are all null then.

    Raises SourceError when the file as a whole cannot be used: it is empty, larger than the documented limit, lacks a
    column, is in another encoding, is damaged. A row that cannot be used, such as one with zero bytes in its text, is
    given as Malformed and never stops the file.
    """
    _refuse_too_large(stream, file)
    return without_zero_bytes(READERS[format.kind](stream, format, columns, file, frozenset(optional)))


def _refuse_too_large(stream: BinaryIO, file: str) -> None:
    """Raise SourceError for a file above the documented limit; what is unpacked on the way is counted there."""
    if not stream.seekable():
        return
    here = stream.tell()
    size_bytes = stream.seek(0, os.SEEK_END)
    stream.seek(here)
    if size_bytes > LIMITS.size_bytes:
        raise SourceError(file, f"has {size_bytes:,} bytes", f"at most {LIMITS.size_bytes:,}, or several files")
