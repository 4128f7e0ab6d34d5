"""Reads Avro object container files, a block at a time."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO

import fastavro
from fastavro.schema import SchemaParseException

from cdp_assets.config.file_format import AvroFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.avro_container import Container
from cdp_assets.exchange.formats.avro_schema import refuse_weightless
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.binary_values import spelled
from cdp_assets.exchange.formats.columns import fold, refuse_absent
from cdp_assets.exchange.formats.record_columns import batches_of

_WRONG = (ValueError, TypeError, KeyError, IndexError, EOFError, ArithmeticError, AttributeError, RecursionError)
"""What fastavro raises on a record that is not as the schema says, and on a schema that is none."""

_PARSED = b"__fastavro"
"""Begins the names by which fastavro marks a schema that it need not check."""


def read_avro(
    stream: BinaryIO, format: AvroFormat, columns: Sequence[str], file: str, optional: Collection[str]
) -> Iterator[Batch | Malformed]:
    """Give each record as a row of strings; columns are found as `batches_of` says, values spelled as `spelled` says.

    Enums are their symbols, a union is the value that it holds, decimals, dates and times keep their meaning. A
    column is absent when the schema has none of its name. Raises SourceError for a file whose records are no
    records, for damage, and for a schema by which a few bytes could say gigabytes.
    """
    container = Container(stream, file)
    schema = _parsed(container, file)
    names = {fold(field["name"]) for field in schema["fields"]}
    fronts = [column for column in columns if not _fronts(column) & names]
    refuse_absent(fronts, optional, file)
    records = _records(container, schema, file)
    return batches_of(records, columns, columns, file, no_record="is not as its schema says", spell=spelled)


def avro_records(stream: BinaryIO, format: AvroFormat, file: str) -> Iterator[tuple[Any, int]]:
    """Give each record as it is decoded, and its share of its block's bytes."""
    container = Container(stream, file)
    yield from _records(container, _parsed(container, file), file)


def _fronts(column: str) -> set[str]:
    """Give a dotted path's fronts: one of them may be a field's name."""
    parts = column.split(".")
    return {fold(".".join(parts[:size])) for size in range(1, len(parts) + 1)}


def _parsed(container: Container, file: str) -> Any:
    try:
        if _PARSED in container.schema:
            raise SourceError(file, "claims that its schema has been checked already", "a schema")
        schema = fastavro.parse_schema(json.loads(container.schema))
        if not isinstance(schema, dict) or schema.get("type") not in ("record", "error"):
            raise SourceError(file, "holds values that are no records", "a schema of type record")
        refuse_weightless(schema, file)
    except (SchemaParseException, *_WRONG) as error:
        raise SourceError(file, f"has an unusable schema ({type(error).__name__})", "a whole Avro file") from None
    return schema


def _records(container: Container, schema: Any, file: str) -> Iterator[tuple[Any, int]]:
    row = 0
    for count, block in container.blocks():
        data, size_bytes = io.BytesIO(block), len(block)
        for _ in range(count):
            row += 1
            try:
                record = fastavro.schemaless_reader(data, schema, None)
            except _WRONG as error:
                problem = f"has a record that is not as its schema says ({type(error).__name__})"
                raise SourceError(file, problem, "a whole Avro file", row) from None
            yield record, size_bytes // count
        if data.tell() != size_bytes:
            raise SourceError(file, "has a block that is longer than its records", "a whole Avro file", row)
