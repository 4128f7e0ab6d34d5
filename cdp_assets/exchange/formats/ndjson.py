"""Reads newline-delimited JSON, a line at a time."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO

from cdp_assets.config.file_format import NdjsonFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.columns import fold, refuse_absent
from cdp_assets.exchange.formats.json_values import DECODER, text
from cdp_assets.exchange.formats.records import RECORD_BYTES, Gathered
from cdp_assets.exchange.formats.text import Utf8Text
from cdp_assets.exchange.streams import stream_of

_SHAPES = 4096
"""How many sets of keys are remembered; files have a handful."""

Place = tuple[str, tuple[str, ...]] | None
"""Where a column is in a record: the top-level key, then the rest of the path; None for nowhere."""


def read_ndjson(
    stream: BinaryIO, format: NdjsonFormat, columns: Sequence[str], file: str, optional: Collection[str]
) -> Iterator[Batch | Malformed]:
    """Give the rows as strings; a line that is no JSON object is Malformed, blank lines are skipped.

    A column is a key, in any case, or a dotted path (`name.given`, `lines.0.sku`). Numbers keep their
    spelling, true and false become words, null and an absent key null, objects and arrays JSON text.
    A column that no record of the file has is an absent column.
    """
    source = Utf8Text(stream, None, file)
    found, gathered, row = _Columns(columns), Gathered(columns), 0
    for line in _lines(source, file):
        row += 1
        values = found.values(line)
        if values is None:
            yield Malformed(row, "is not a JSON object")
        elif gathered.add(row, values, len(line)):
            yield from gathered.flush()
    yield from gathered.flush()
    if source.damaged:
        raise source.wrong_encoding(row)
    if row == 0:
        raise SourceError(file, "is empty", "at least one record")
    if found.any_record:
        refuse_absent(found.absent(), optional, file)


def _lines(source: Utf8Text, file: str) -> Iterator[bytes]:
    """Give each line that is not blank."""
    with stream_of(source.read) as lines:
        assert isinstance(lines, io.BufferedReader)  # noqa: S101 - for its limited readline
        while line := lines.readline(RECORD_BYTES):
            if len(line) == RECORD_BYTES:
                raise SourceError(file, f"has a line of {RECORD_BYTES} bytes or more", "one record a line")
            if not line.isspace():
                yield line


class _Columns:
    """The columns asked for and where records keep them."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = columns
        self._shapes: dict[tuple[str, ...], list[Place]] = {}
        self._seen: set[str] = set()
        self.any_record = False

    def values(self, line: bytes) -> list[str | None] | None:
        """Give one value per column, or None where the line is no JSON object."""
        try:
            record = DECODER.decode(line.decode())
        except (ValueError, RecursionError):
            return None
        if not isinstance(record, dict):
            return None
        self.any_record = True
        return [_value(record, place) for place in self._places(record)]

    def absent(self) -> list[str]:
        """Give the columns that no record had so far."""
        return [column for column in self._columns if column not in self._seen]

    def _places(self, record: dict[str, Any]) -> list[Place]:
        shape = tuple(record)
        places = self._shapes.get(shape)
        if places is None:
            places = [_place(record, column) for column in self._columns]
            self._seen.update(c for c, place in zip(self._columns, places, strict=True) if place is not None)
            if len(self._shapes) < _SHAPES:
                self._shapes[shape] = places
        return places


def _place(record: dict[str, Any], column: str) -> Place:
    """Find the top-level key of a column: its whole name, else the longest front of its path."""
    keys = {fold(key): key for key in reversed(record)} | {key: key for key in record}
    parts = column.split(".")
    for size in range(len(parts), 0, -1):
        name = ".".join(parts[:size])
        key = keys.get(name) or keys.get(fold(name))
        if key is not None:
            return key, tuple(parts[size:])
    return None


def _value(record: dict[str, Any], place: Place) -> str | None:
    if place is None:
        return None
    value = record[place[0]]
    for part in place[1]:
        value = _step(value, part)
    return value if value is None or value.__class__ is str else text(value)


def _step(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        if part in value:
            return value[part]
        return next((item for key, item in value.items() if fold(key) == fold(part)), None)
    if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
        return value[int(part)]
    return None
