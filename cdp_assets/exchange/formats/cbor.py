"""Reads CBOR, a map at a time: maps one after another, or in arrays, as `application/ingest-pack+cbor` brings them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, BinaryIO, NoReturn

import cbor2

from cdp_assets.config.file_format import CborFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.binary_values import RECORD_BYTES, spelled
from cdp_assets.exchange.formats.record_columns import batches_of

_DEPTH = 64
_SELF_DESCRIBED = b"\xd9\xd9\xf7"
"""The tag by which a file says that it is CBOR (RFC 8949, 3.4.6)."""
_ARRAY, _ENDLESS = 4, 31
_LENGTH_BYTES = {24: 1, 25: 2, 26: 4, 27: 8}
_BREAK = b"\xff"
_REFUSED_TAGS = (25, 28, 29, 35, 36)
"""References, by which a few bytes say gigabytes, regular expressions and e-mails: no value of a record needs them."""


def read_cbor(
    stream: BinaryIO, format: CborFormat, columns: Sequence[str], file: str, optional: Collection[str]
) -> Iterator[Batch | Malformed]:
    """Give each map as a row of strings; columns are found as `batches_of` says, values spelled as `spelled` says.

    An array at the top is read item by item, however long it is. With a `row_tag` the records are what each map
    holds under it. What is no map is Malformed; bytes that are no CBOR end the file with a SourceError.
    """
    records = cbor_records(stream, format, file)
    return batches_of(records, columns, optional, file, no_record="is not a CBOR map", spell=spelled)


def cbor_records(stream: BinaryIO, format: CborFormat, file: str) -> Iterator[tuple[Any, int]]:
    """Give each record as it is decoded, and the bytes of the value at the top that it is in."""
    for value, size_bytes in _Reading(stream, file).values():
        found = value.get(format.row_tag) if format.row_tag is not None and isinstance(value, dict) else value
        for record in found if isinstance(found, list) else (found,):
            yield record, size_bytes


class _Reading:
    """One pass over a file; it is a stream for the decoder, which reads no byte more than it needs."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self._stream, self._file = stream, file
        self._row = self._size_bytes = 0
        self._front = b""
        self._decoder = cbor2.CBORDecoder(
            self,  # type: ignore[arg-type] # it needs no more of a file than this
            max_depth=_DEPTH,
            semantic_decoders=dict.fromkeys(_REFUSED_TAGS, _refuse_tag),
        )

    def readable(self) -> bool:
        """Say yes: the decoder asks."""
        return True

    def seekable(self) -> bool:
        """Say no, so that the decoder does not read ahead."""
        return False

    def read(self, size: int) -> bytes:
        """Give up to `size` next bytes; raises SourceError once the record under way is too long."""
        self._size_bytes += size
        if self._size_bytes > RECORD_BYTES:
            raise self._too_long()
        if not self._front:
            return self._stream.read(size)
        taken, self._front = self._front[:size], self._front[size:]
        return taken + self._stream.read(size - len(taken))

    def values(self) -> Iterator[tuple[Any, int]]:
        """Give every value at the top, or in an array at the top, with the bytes that it took."""
        self._skip_mark()
        while front := self._next():
            if front[0] >> 5 == _ARRAY:
                yield from self._items(front[0] & 31)
            else:
                self._front = front + self._front
                yield self._value()

    def _skip_mark(self) -> None:
        front = self._stream.read(len(_SELF_DESCRIBED))
        if not front:
            raise SourceError(self._file, "is empty", "CBOR maps")
        self._front = b"" if front == _SELF_DESCRIBED else front

    def _items(self, length: int) -> Iterator[tuple[Any, int]]:
        if length == _ENDLESS:
            while (front := self._next()) != _BREAK:
                if not front:
                    raise self._refused("is cut short")
                self._front = front + self._front
                yield self._value()
            return
        for _ in range(self._length(length)):
            yield self._value()

    def _length(self, length: int) -> int:
        if length < min(_LENGTH_BYTES):
            return length
        more = self._stream_bytes(_LENGTH_BYTES.get(length, 0))
        return int.from_bytes(more, "big")

    def _stream_bytes(self, count: int) -> bytes:
        found = self.read(count)
        if not count or len(found) < count:
            raise self._refused("is no CBOR, or is cut short")
        return found

    def _next(self) -> bytes:
        self._size_bytes = 0
        return self.read(1)

    def _value(self) -> tuple[Any, int]:
        self._row, self._size_bytes = self._row + 1, 0
        try:
            return self._decoder.decode(), self._size_bytes
        except (cbor2.CBORError, ValueError, TypeError, ArithmeticError, RecursionError) as error:
            if self._size_bytes > RECORD_BYTES:
                raise self._too_long() from None
            raise self._refused(f"is no CBOR, or is cut short ({type(error).__name__})") from None

    def _too_long(self) -> SourceError:
        return self._refused(f"has a record of more than {RECORD_BYTES} bytes")

    def _refused(self, problem: str) -> SourceError:
        return SourceError(self._file, problem, "whole CBOR maps, one after another or in arrays", self._row or None)


def _refuse_tag(_value: Any, _immutable: bool) -> NoReturn:
    msg = "a tag that records do not need"
    raise ValueError(msg)
