"""Turns the bytes of a text file into valid UTF-8, whatever encoding they came in."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from cdp_assets.config.encoding import is_ebcdic
from cdp_assets.errors import SourceError
from cdp_assets.exchange.streams import look

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Longest first where one begins another: UTF-32 LE begins with UTF-16 LE's mark."""

_NEL = "\x85"
_CUT = b"?"
TEXT_BYTES = 4 << 20
"""What is decoded at once; small batches cost more in calls than they save in memory."""


def encoding_of(front: bytes) -> tuple[str, bytes]:
    """Give the encoding that a file's first bytes tell, UTF-8 unless its mark says otherwise, and the mark."""
    return next(((name, bom) for bom, name in _BOMS if front.startswith(bom)), ("utf-8", b""))


class Utf8Text:
    """The text of a file as UTF-8 without a byte order mark.

    At bytes that are not valid in the encoding the text ends with a `?` in their place and `damaged`
    turns true, so the record that was being read is the last one and a reader knows its row number.
    In IBM's encodings a line may end with NEL, which becomes a line feed.
    """

    def __init__(self, stream: BinaryIO, encoding: str | None, file: str) -> None:
        front, self._source = look(stream, 4)
        found, bom = encoding_of(front)
        self.encoding = codecs.lookup(encoding).name if encoding else found
        self.damaged = False
        self._nel_ends_lines = is_ebcdic(self.encoding)
        self._file, self._ended, self._ready = file, False, b""
        self._decoder = codecs.getincrementaldecoder(self.encoding)("strict")
        if self.encoding == found:
            self._source.read(len(bom))

    def read(self, size: int) -> bytes:
        """Give up to `size` next bytes, at least one unless the text is over."""
        while not self._ready and not self._ended:
            self._ready = self._next()
        taken, self._ready = self._ready[:size], self._ready[size:]
        return taken

    def wrong_encoding(self, row: int | None) -> SourceError:
        """Make the error for a damaged text; `row` is the record with the first bad byte, None the header."""
        where = "the header has bytes" if row is None else "has bytes"
        expected = "one encoding in the whole file, named in the format unless it is UTF-8 or has a byte order mark"
        return SourceError(self._file, f"{where} that are not {self.encoding}", expected, row)

    def _next(self) -> bytes:
        chunk = self._source.read(TEXT_BYTES)
        self._ended = not chunk
        try:
            text = self._decoder.decode(chunk, final=not chunk)
            return (text.replace(_NEL, "\n") if self._nel_ends_lines else text).encode()
        except UnicodeError as error:
            self.damaged = self._ended = True
            good = error.object[: error.start] if isinstance(error, UnicodeDecodeError) else b""
            return good.decode(self.encoding, "ignore").encode("utf-8", "ignore") + _CUT


def write_utf8(stream: BinaryIO, encoding: str | None, target: BinaryIO, file: str) -> None:
    """Write a file's text as UTF-8; raises SourceError at the first bytes that its encoding does not have."""
    text, line = Utf8Text(stream, encoding, file), 1
    while chunk := text.read(TEXT_BYTES):
        line += chunk.count(b"\n")
        target.write(chunk)
    if text.damaged:
        raise text.wrong_encoding(line)
