"""Where a text may be cut into pieces that are read apart: before the line end that comes first from a place on.

A piece begins with that line end and ends before the next piece's. Where a record goes on over the cut, within quotes
or behind an escape, the reader of the piece before it notices (`delimited.read_delimited_piece`).
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from cdp_assets.exchange.formats.text import encoding_of
from cdp_assets.exchange.streams import stream_of

CHUNK_BYTES = 4 << 20
_LINE_ENDS_STAND_OUT = re.compile(r"utf-8|ascii|iso8859-\d+|cp125\d|koi8-[rtu]|mac-roman")
"""Names of encodings in which the byte of a line feed is nothing else."""


def can_be_cut(front: bytes, encoding: str | None) -> bool:
    r"""Say whether lines can be told apart by their bytes, by a text's first ones and what is known of its encoding.

    >>> can_be_cut(b"id,name\n", None), can_be_cut("id".encode("utf-16"), None), can_be_cut(b"id", "cp037")
    (True, False, False)
    """
    name = codecs.lookup(encoding).name if encoding else encoding_of(front)[0]
    return _LINE_ENDS_STAND_OUT.fullmatch(name) is not None


def piece_of(source: BinaryIO, start: int, end: int | None) -> BinaryIO:
    r"""Give the piece that the places from `start` on belong to.

    Args:
        source: The text from `start` on.
        start: 0 for the first piece, which begins with the text.
        end: Where the next piece's places begin; None for the last piece, which ends with the text.

    >>> import io
    >>> text = b"a,b\n1,2\n3,4\n"
    >>> [piece_of(io.BytesIO(text[start:]), start, end).read() for start, end in ((0, 5), (5, 6), (6, None))]
    [b'a,b\n1,2', b'', b'\n3,4\n']
    """
    found = _chunks(source, 0 if start == 0 else None, None if end is None else end - start)
    waiting: list[bytes] = []

    def take(size: int) -> bytes:
        if not waiting and (chunk := next(found, b"")):
            waiting.append(chunk)
        if not waiting:
            return b""
        chunk = waiting.pop()
        if chunk[size:]:
            waiting.append(chunk[size:])
        return chunk[:size]

    return stream_of(take)


def _chunks(source: BinaryIO, begins_at: int | None, end: int | None) -> Iterator[bytes]:
    """Give the piece's bytes; places are counted from the source's first byte. `begins_at` is unknown where None."""
    at = 0
    while chunk := source.read(CHUNK_BYTES):
        last = -1 if end is None else chunk.find(b"\n", max(0, end - at)) if at + len(chunk) > end else -1
        first = 0 if begins_at is not None else chunk.find(b"\n")
        if begins_at is None and first >= 0:
            begins_at = at + first
        if begins_at is not None and (last < 0 or first < last):
            yield chunk[first : None if last < 0 else last]
        if last >= 0:
            return
        at += len(chunk)
