"""Reads JSON that is no line per record, an object at a time: one array, one object, or objects in a row."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO

from cdp_assets.config.file_format import JsonFormat, JsonStreamFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.json_values import DECODER, NO_OBJECT
from cdp_assets.exchange.formats.record_columns import batches_of
from cdp_assets.exchange.formats.records import RECORD_BYTES
from cdp_assets.exchange.formats.text import TEXT_BYTES, Utf8Text

_BLANK = re.compile(r"[ \t\r\n\x1e]*")
"""JSON's own, and the mark before each text of a JSON text sequence (RFC 7464)."""
_LONGEST_TOKEN = 4096
"""A word, a number or an escape that the text breaks off in is within so many characters of its end."""


def read_json(
    stream: BinaryIO, format: JsonFormat, columns: Sequence[str], file: str, optional: Collection[str]
) -> Iterator[Batch | Malformed]:
    """Give each object of the file's array, or its one object, as a row of strings, as `read_ndjson` does.

    Never more than one record is held. What else the array holds is Malformed; text that is no JSON ends the file
    with a SourceError, because nobody can say where the next record would begin.
    """
    return batches_of(json_records(stream, format, file), columns, optional, file, no_record=NO_OBJECT)


def read_json_stream(
    stream: BinaryIO, format: JsonStreamFormat, columns: Sequence[str], file: str, optional: Collection[str]
) -> Iterator[Batch | Malformed]:
    """Give each object of a sequence as a row of strings, as `read_json` does; between them is anything blank."""
    return batches_of(json_stream_records(stream, format, file), columns, optional, file, no_record=NO_OBJECT)


def json_records(stream: BinaryIO, format: JsonFormat, file: str) -> Iterator[tuple[Any, int]]:
    """Give each item of the file's array, or its one object, and the characters that it takes."""
    text = _Text(Utf8Text(stream, format.encoding, file), file)
    first = text.peek()
    if first == "{":
        yield text.value()
    elif first == "[":
        yield from _items(text)
    else:
        raise text.refused("is empty" if not first else "is neither an array of objects nor an object")
    if text.peek():
        raise text.refused("goes on after its end")
    text.refuse_damage()


def _items(text: _Text) -> Iterator[tuple[Any, int]]:
    text.skip()
    if text.peek() == "]":
        text.skip()
        return
    while True:
        yield text.value()
        mark = text.peek()
        if mark not in (",", "]"):
            raise text.refused("is cut short" if not mark else "lacks a comma between two records")
        text.skip()
        if mark == "]":
            return


def json_stream_records(stream: BinaryIO, format: JsonStreamFormat, file: str) -> Iterator[tuple[Any, int]]:
    """Give each value of a sequence, and the characters that it takes."""
    text = _Text(Utf8Text(stream, format.encoding, file), file)
    if not text.peek():
        raise text.refused("is empty")
    while text.peek():
        yield text.value()
    text.refuse_damage()


class _Text:
    """The file's text from the record under way on."""

    def __init__(self, source: Utf8Text, file: str) -> None:
        self._source, self._file = source, file
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._text, self._at, self._row, self._ended = "", 0, 0, False

    def peek(self) -> str:
        """Give the next character that is not blank, the empty text at the end."""
        while True:
            match = _BLANK.match(self._text, self._at)
            assert match is not None  # noqa: S101 - it matches nothing, too
            self._at = match.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._grow():
                return ""

    def skip(self) -> None:
        """Take the character that `peek` gave."""
        self._at += 1

    def value(self) -> tuple[Any, int]:
        """Take the next value; give it and the characters it took."""
        self._row += 1
        self.peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._is_wrong(error) or not self._grow():
                    raise self.refused("is no JSON, or is cut short") from None
                continue
            except (ValueError, RecursionError):
                raise self.refused("has a record that is no JSON, or nests too deep") from None
            if end < len(self._text) or not self._grow():
                size, self._at = end - self._at, end
                self._refuse_longer(size)
                return value, size

    def refused(self, problem: str) -> SourceError:
        """Make the error for text that is not as it should be."""
        if self._source.damaged:
            return self._source.wrong_encoding(self._row)
        return SourceError(self._file, problem, "whole JSON: one array of objects, or objects", self._row or None)

    def refuse_damage(self) -> None:
        """Raise SourceError where the text ended at bytes that are not of its encoding."""
        if self._source.damaged:
            raise self._source.wrong_encoding(self._row)

    def _refuse_longer(self, size: int) -> None:
        if size > RECORD_BYTES:
            raise self.refused(f"has a record of more than {RECORD_BYTES} characters")

    def _is_wrong(self, error: json.JSONDecodeError) -> bool:
        """Say whether more text could not help: the fault lies well before the end."""
        return "Unterminated" not in error.msg and error.pos < len(self._text) - _LONGEST_TOKEN

    def _grow(self) -> bool:
        """Read as much again as there is, so that a long record is begun anew seldom; say whether there was more."""
        if self._ended:
            return False
        rest = self._text[self._at :]
        self._refuse_longer(len(rest))
        more = [rest]
        wanted = max(TEXT_BYTES, len(rest))
        while wanted > 0 and (chunk := self._source.read(wanted)):
            more.append(self._decoder.decode(chunk))
            wanted -= len(chunk)
        self._ended = wanted > 0
        self._text, self._at = "".join(more), 0
        return not self._ended or len(self._text) > len(rest)
