"""Reads a file of any known format as batches of named columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, BinaryIO

from cdp_assets.config.file_format import FileFormat
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.delimited import read_delimited
from cdp_assets.exchange.formats.ndjson import read_ndjson
from cdp_assets.exchange.formats.parquet import read_parquet
from cdp_assets.exchange.formats.xml import read_xml

Reader = Callable[[BinaryIO, Any, Sequence[str], str, Collection[str]], Iterator[Batch | Malformed]]

READERS: dict[str, Reader] = {
    "csv": read_delimited,
    "tsv": read_delimited,
    "psv": read_delimited,
    "dsv": read_delimited,
    "ndjson": read_ndjson,
    "xml": read_xml,
    "parquet": read_parquet,
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

    Raises SourceError when the file as a whole cannot be used: it is empty, lacks a column, is in another
    encoding, is damaged. A row that cannot be used is given as Malformed and never stops the file.
    """
    return READERS[format.kind](stream, format, columns, file, frozenset(optional))
