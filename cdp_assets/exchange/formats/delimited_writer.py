"""Writes delimited text, a batch of columns at a time."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from cdp_assets.config.file_format import DelimitedOutput, QuoteMode
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.formats.texts import TEXT, as_text, is_numeric

_LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}


@dataclass(frozen=True)
class Dialect:
    """How fields become lines."""

    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    """Goes before a quote inside quotes; with mode `none` before whatever would end the field."""
    quote_mode: QuoteMode = "minimal"
    line_end: str = "\n"
    header: bool = True
    encoding: str = "utf-8"
    """A Python codec name; `utf-16` writes a byte order mark."""


def write_delimited(path: Path, rows: pa.RecordBatchReader, format: DelimitedOutput) -> int:
    """Write the rows as the data template says; give their number."""
    dialect = Dialect(
        delimiter=format.separator,
        quote_mode=format.quote_mode,
        line_end=_LINE_ENDS[format.line_ending],
        header=format.header,
    )
    return write_dialect(path, rows, dialect)


def write_dialect(path: Path, rows: pa.RecordBatchReader, dialect: Dialect) -> int:
    """Write the rows as delimited text; give their number.

    Null and the empty string are both an empty field: mode `all` quotes both, `all_non_null` and
    `non_numeric` only the string, `minimal` neither, save that a lone empty field is always quoted there
    because a blank line is no record. Raises DeliveryError, naming the column, where mode `none` would
    need a quote and has no escape of its own.
    """
    count, encoder = 0, codecs.getincrementalencoder(dialect.encoding)()
    names = pa.RecordBatch.from_arrays([pa.array([name], TEXT) for name in rows.schema.names], rows.schema.names)
    with path.open("wb") as file:
        if dialect.header:
            _write(file, names, dialect, encoder)
        for batch in rows:
            _write(file, batch, dialect, encoder)
            count += batch.num_rows
    return count


def _write(file: BinaryIO, batch: pa.RecordBatch, dialect: Dialect, encoder: codecs.IncrementalEncoder) -> None:
    lines = _lines(batch, dialect)
    size = pc.sum(pc.binary_length(lines)).as_py() or 0
    text = memoryview(lines.buffers()[2])[:size] if size else b""
    if codecs.lookup(dialect.encoding).name == "utf-8":
        file.write(text)
        return
    try:
        file.write(encoder.encode(str(text, "utf-8")))
    except UnicodeEncodeError:
        msg = f"a value has characters that {dialect.encoding} lacks. Expected utf-8 or another with all."
        raise DeliveryError(msg) from None


def _lines(batch: pa.RecordBatch, dialect: Dialect) -> pa.Array:
    """Give one string per row, line end included."""
    alone = batch.num_columns == 1
    fields = [
        _fields(column, name, dialect, alone=alone)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    joined = pc.binary_join_element_wise(*fields, pa.scalar(dialect.delimiter, TEXT))
    return pc.binary_join_element_wise(joined, pa.scalar("", TEXT), pa.scalar(dialect.line_end, TEXT))


def _fields(column: pa.Array, name: str, dialect: Dialect, *, alone: bool) -> pa.Array:
    """Give a column's values as they stand in the file, none of them null."""
    spelled = as_text(column, name)
    text = pc.fill_null(spelled, pa.scalar("", TEXT))
    special = pc.match_substring_regex(text, _specials(dialect))
    if dialect.quote_mode == "none":
        return _unquoted(text, special, name, dialect)
    quoted = _quoted(text, dialect)
    if dialect.quote_mode == "all":
        return quoted
    if dialect.quote_mode == "all_non_null":
        return pc.if_else(spelled.is_valid(), quoted, text)
    if dialect.quote_mode == "non_numeric" and not is_numeric(column.type):
        return pc.if_else(spelled.is_valid(), quoted, text)
    needed = pc.or_(special, pc.equal(text, "")) if alone else special
    return pc.if_else(needed, quoted, text)


def _quoted(text: pa.Array, dialect: Dialect) -> pa.Array:
    quote, escape = dialect.quote, dialect.escape
    if escape != quote:
        text = pc.replace_substring(text, escape, escape * 2)
    text = pc.replace_substring(text, quote, escape + quote)
    mark = pa.scalar(quote, TEXT)
    return pc.binary_join_element_wise(mark, text, mark, pa.scalar("", TEXT))


def _unquoted(text: pa.Array, special: pa.Array, name: str, dialect: Dialect) -> pa.Array:
    if dialect.escape != dialect.quote:
        return pc.replace_substring_regex(text, f"({_specials(dialect)})", rf"{re.escape(dialect.escape)}\1")
    if pc.any(special).as_py():
        msg = f"column {name}: a value holds a delimiter, quote or line end. Expected a mode that quotes it."
        raise DeliveryError(msg)
    return text


def _specials(dialect: Dialect) -> str:
    characters = {dialect.delimiter, dialect.quote, dialect.escape, "\r", "\n"}
    return "[" + "".join(re.escape(character) for character in sorted(characters)) + "]"
