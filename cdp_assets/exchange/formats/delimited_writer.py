"""Writes delimited text, a batch of columns at a time."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc

from cdp_assets.config.file_format import DelimitedOutput
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.formats.texts import TEXT, as_text, bytes_of, is_numeric

_LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}
_UTF8 = "utf-8"


def write_delimited(path: Path, rows: pa.RecordBatchReader, format: DelimitedOutput) -> int:
    """Write the rows as delimited text, as the data template says; give their number.

    Null is the format's null value and the empty string an empty field: mode `all` quotes both, `all_non_null` and
    `non_numeric` only the string, `minimal` neither, save that a lone empty field is always quoted there
    because a blank line is no record. A text that is spelled as the null value is quoted in every mode but `none`.
    Raises DeliveryError, naming the column, where mode `none` would need a quote and has no escape of its own.
    """
    count, encoder = 0, codecs.getincrementalencoder(format.encoding)()
    names = pa.RecordBatch.from_arrays([pa.array([name], TEXT) for name in rows.schema.names], rows.schema.names)
    with path.open("wb") as file:
        if format.header:
            _write(file, names, format, encoder)
        for batch in rows:
            _write(file, batch, format, encoder)
            count += batch.num_rows
    return count


def _write(file: BinaryIO, batch: pa.RecordBatch, format: DelimitedOutput, encoder: codecs.IncrementalEncoder) -> None:
    text = bytes_of(_lines(batch, format))
    file.write(text if format.encoding == _UTF8 else encoder.encode(str(text, _UTF8)))


def _lines(batch: pa.RecordBatch, format: DelimitedOutput) -> pa.Array:
    """Give one string per row, line end included."""
    alone = batch.num_columns == 1
    fields = [
        _fields(column, name, format, alone=alone)
        for name, column in zip(batch.schema.names, batch.columns, strict=True)
    ]
    joined = pc.binary_join_element_wise(*fields, pa.scalar(format.separator, TEXT))
    return pc.binary_join_element_wise(joined, pa.scalar("", TEXT), pa.scalar(_LINE_ENDS[format.line_ending], TEXT))


def _fields(column: pa.Array, name: str, format: DelimitedOutput, *, alone: bool) -> pa.Array:
    """Give a column's values as they stand in the file, none of them null."""
    spelled = as_text(column, name)
    text = pc.fill_null(spelled, pa.scalar(format.null_value, TEXT))
    special = pc.match_substring_regex(text, _specials(format))
    if format.quote_mode == "none":
        return _unquoted(text, special, name, format)
    quoted = _quoted(text, format)
    if format.quote_mode == "all":
        return quoted
    if format.quote_mode == "all_non_null":
        return pc.if_else(spelled.is_valid(), quoted, text)
    if format.quote_mode == "non_numeric" and not is_numeric(column.type):
        return pc.if_else(spelled.is_valid(), quoted, text)
    needed = pc.or_(special, pc.equal(text, "")) if alone else special
    if format.null_value:
        needed = pc.or_(needed, pc.and_(spelled.is_valid(), pc.equal(text, format.null_value)))
    return pc.if_else(needed, quoted, text)


def _quoted(text: pa.Array, format: DelimitedOutput) -> pa.Array:
    quote, escape = format.quote, format.escape
    if escape != quote:
        text = pc.replace_substring(text, escape, escape * 2)
    text = pc.replace_substring(text, quote, escape + quote)
    mark = pa.scalar(quote, TEXT)
    return pc.binary_join_element_wise(mark, text, mark, pa.scalar("", TEXT))


def _unquoted(text: pa.Array, special: pa.Array, name: str, format: DelimitedOutput) -> pa.Array:
    if format.escape != format.quote:
        return pc.replace_substring_regex(text, f"({_specials(format)})", rf"{re.escape(format.escape)}\1")
    if pc.any(special).as_py():
        msg = f"column {name}: a value holds a delimiter, quote or line end. Expected a mode that quotes it."
        raise DeliveryError(msg)
    return text


def _specials(format: DelimitedOutput) -> str:
    characters = {format.separator, format.quote, format.escape, "\r", "\n"}
    return "[" + "".join(re.escape(character) for character in sorted(characters)) + "]"
