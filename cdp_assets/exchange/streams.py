"""Small helpers over byte streams that formats and codecs share."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

CHUNK_BYTES = 96 << 10
"""Of a stream, at a time: it stays in a core's cache on its way through the layers, and below 128 KiB the allocator
gives no memory back between two. In chunks of 1 MiB a packed file of 263 MB takes half a second more of a core."""


class ReadStream(io.RawIOBase):
    """A stream over one function that gives up to so many next bytes, and none at the end."""

    def __init__(self, take: Callable[[int], bytes]) -> None:
        self._take = take

    def readable(self) -> bool:
        """Say yes: this is all it can do."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the front of `buffer`; say how many bytes came, 0 at the end."""
        view = memoryview(buffer)  # type: ignore[arg-type]  # typeshed has no name for a writable buffer here
        chunk = self._take(len(view))
        view[: len(chunk)] = chunk
        return len(chunk)


def stream_of(take: Callable[[int], bytes]) -> BinaryIO:
    """Give a buffered stream over a function that gives up to so many next bytes, and none at the end."""
    return io.BufferedReader(ReadStream(take), CHUNK_BYTES)


def look(stream: BinaryIO, size: int) -> tuple[bytes, BinaryIO]:
    """Give the next `size` bytes (fewer at the end) and a stream that still begins with them."""
    if stream.seekable():
        start = stream.tell()
        front = stream.read(size)
        stream.seek(start)
        return front, stream
    front = stream.read(size)
    while len(front) < size and (more := stream.read(size - len(front))):
        front += more
    pending = [front] if front else []

    def take(count: int) -> bytes:
        if not pending:
            return stream.read(count)
        first = pending.pop()
        if first[count:]:
            pending.append(first[count:])
        return first[:count]

    return front, stream_of(take)


def seekable(stream: BinaryIO) -> BinaryIO:
    """Give a stream that can seek: the same one, or a nameless temporary file with its bytes."""
    if stream.seekable():
        return stream
    spool = tempfile.TemporaryFile()  # noqa: SIM115 - the caller's reader keeps it open
    shutil.copyfileobj(stream, spool, CHUNK_BYTES)
    spool.seek(0)
    return cast(BinaryIO, spool)


def drain(stream: BinaryIO) -> None:
    """Read what is left of a stream, so that whatever is wrong with it is noticed."""
    while stream.read(CHUNK_BYTES):
        pass


def sync_folder(folder: Path) -> None:
    """Make a rename inside a folder durable."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
