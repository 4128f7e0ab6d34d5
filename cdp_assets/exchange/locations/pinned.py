"""One version of an object that is read in parts, from anywhere in it, and is never copied whole."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from cdp_assets.exchange.locations.object_store import PART_BYTES, Pinned
from cdp_assets.exchange.locations.part_stream import PartStream

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

FRONT_BYTES = 256 << 10
"""What is asked for at once where little is wanted."""
BLOCK_BYTES = 4 << 20
"""Of what is read here and there: a column's pages of one row group mostly take more."""


@dataclass(frozen=True, eq=False)
class PinnedObject:
    """An object by its version. Whatever is read raises SourceError where another version has taken its place.

    where: how errors call it. part: gives so many bytes from a place on.
    """

    where: str
    size_bytes: int
    part: Callable[[int, int], bytes]

    def stream(self, start: int = 0, part_bytes: int = PART_BYTES) -> BinaryIO:
        """Give the bytes from a place to the end, the next of them already on their way. The caller closes it."""

        def part(at: int, length: int) -> bytes:
            return self.part(start + at, length)

        rest = Pinned("", self.size_bytes - start, None)
        stream = PartStream(self.where, rest, b"", part, part_bytes=part_bytes)
        return cast(BinaryIO, io.BufferedReader(stream, part_bytes))

    def front(self) -> BinaryIO:
        """Give the bytes from the first one on, of which few are wanted."""
        return self.stream(part_bytes=FRONT_BYTES)

    def seekable(self) -> BinaryIO:
        """Give the object as a file to seek in: what is touched is fetched, once, into a nameless temporary file."""
        return cast(BinaryIO, io.BufferedReader(_Touched(self)))


class _Touched(io.RawIOBase):
    """A file of which those blocks are on disk that somebody has read from."""

    def __init__(self, source: PinnedObject, block_bytes: int = BLOCK_BYTES) -> None:
        self._source, self._block_bytes = source, block_bytes
        self._file, self._held = tempfile.TemporaryFile(), set[int]()  # noqa: SIM115 - closed with this one
        self._at = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can seek."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place and give it."""
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._source.size_bytes}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def tell(self) -> int:
        """Give the place."""
        return self._at

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer as far as one block goes; 0 is the object's end."""
        target, block = memoryview(buffer).cast("B"), self._at // self._block_bytes
        end = min(self._source.size_bytes, (block + 1) * self._block_bytes)
        size = min(len(target), max(0, end - self._at))
        if size:
            self._fetch(block, end)
            self._file.seek(self._at)
            target[:size] = self._file.read(size)
            self._at += size
        return size

    def close(self) -> None:
        """Let go of what was fetched."""
        self._file.close()
        super().close()

    def _fetch(self, block: int, end: int) -> None:
        if block in self._held:
            return
        start = block * self._block_bytes
        self._file.seek(start)
        self._file.write(self._source.part(start, end - start))
        self._held.add(block)
