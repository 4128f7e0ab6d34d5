"""Reads a stream in a thread of its own, so that unpacking and parsing each have a core."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, Queue
from threading import Event, Thread
from typing import BinaryIO

from cdp_assets.exchange.streams import CHUNK_BYTES, stream_of

CHUNKS_AHEAD = 8
_LOOKS_EVERY_S = 0.05


@contextmanager
def read_ahead(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Give a stream with the same bytes, of which some megabytes are read before they are asked for.

    What reading raises is raised where its bytes would have come. The thread has ended when the block ends.
    """
    chunks: Queue[bytes | Exception] = Queue(CHUNKS_AHEAD)
    stopped = Event()
    thread = Thread(target=_read, args=(stream, chunks, stopped), name="read ahead", daemon=True)
    thread.start()
    try:
        yield stream_of(_Taker(chunks).take)
    finally:
        stopped.set()
        while thread.is_alive():
            with contextlib.suppress(Empty):  # the thread may be waiting for room
                chunks.get(timeout=_LOOKS_EVERY_S)


def _read(stream: BinaryIO, chunks: Queue[bytes | Exception], stopped: Event) -> None:
    try:
        while not stopped.is_set():
            chunk = stream.read(CHUNK_BYTES)
            chunks.put(chunk)
            if not chunk:
                return
    except Exception as error:  # noqa: BLE001 - raised by the one who reads
        chunks.put(error)


class _Taker:
    """Cuts what was read ahead into the pieces that are asked for; an end or an error stays one."""

    def __init__(self, chunks: Queue[bytes | Exception]) -> None:
        self._chunks, self._rest = chunks, memoryview(b"")
        self._last: bytes | Exception | None = None

    def take(self, size: int) -> bytes:
        """Give up to `size` next bytes, none at the end."""
        if not self._rest:
            found = self._chunks.get() if self._last is None else self._last
            if isinstance(found, Exception):
                self._last = found
                raise found
            if not found:
                self._last = found
            self._rest = memoryview(found)
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)
