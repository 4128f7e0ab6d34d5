"""Does the next step's work in a thread of its own, so that unpacking, parsing and writing each have a core."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event, Thread
from typing import BinaryIO, Generic, TypeVar

from cdp_assets.exchange.streams import CHUNK_BYTES, stream_of

T = TypeVar("T")
CHUNKS_AHEAD = 64
"""Some megabytes: while a batch of records is parsed, the next one is unpacked."""
_LOOKS_EVERY_S = 0.05


@dataclass(frozen=True)
class _Item(Generic[T]):
    value: T


@dataclass(frozen=True)
class _End:
    error: BaseException | None = None


def ahead(items: Iterable[T], count: int) -> Generator[T, None, None]:
    """Give the items in their order, of which up to `count` are made before they are asked for, in another thread.

    What making one raises is raised where it would have come. When the caller is done, early or at the end, the thread
    has ended and the items are closed, if they are a generator.

    >>> list(ahead(map(str.upper, "abc"), 2))
    ['A', 'B', 'C']
    """
    made: Queue[_Item[T] | _End] = Queue(count)
    stopped = Event()
    thread = Thread(target=_make, args=(items, made, stopped), name="ahead", daemon=True)
    thread.start()
    try:
        while isinstance(found := made.get(), _Item):
            yield found.value
        if found.error is not None:
            raise found.error
    finally:
        stopped.set()
        while thread.is_alive():
            with contextlib.suppress(Empty):  # the thread may be waiting for room
                made.get(timeout=_LOOKS_EVERY_S)


def _make(items: Iterable[T], made: Queue[_Item[T] | _End], stopped: Event) -> None:
    try:
        with closing(items) if isinstance(items, Generator) else contextlib.nullcontext():
            for item in items:
                made.put(_Item(item))
                if stopped.is_set():
                    break
        made.put(_End())
    except BaseException as error:  # noqa: BLE001 - raised by the one who asks for the items
        made.put(_End(error))


@contextmanager
def read_ahead(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Give a stream with the same bytes, of which some megabytes are read before they are asked for.

    What reading raises is raised where its bytes would have come, and again. The thread ends with the block; reading
    on after it raises ValueError, so that nobody takes what is missing for the end.
    """
    chunks = iter(lambda: stream.read(CHUNK_BYTES), b"")
    with closing(ahead(chunks, CHUNKS_AHEAD)) as found:
        pieces = _Pieces(found)
        try:
            yield stream_of(pieces.take)
        finally:
            pieces.close()


class _Pieces:
    """Cuts chunks into the pieces that are asked for; an end or an error stays one."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._rest = chunks, memoryview(b"")
        self._error: Exception | None = None

    def take(self, size: int) -> bytes:
        """Give up to `size` next bytes, none at the end."""
        if self._error is not None:
            raise self._error
        if not self._rest:
            self._rest = memoryview(self._next())
        taken, self._rest = self._rest[:size], self._rest[size:]
        return bytes(taken)

    def close(self) -> None:
        """Give no more."""
        self._error = self._error or ValueError("the block around this stream has ended")

    def _next(self) -> bytes:
        try:
            return next(self._chunks, b"")
        except Exception as error:
            self._error = error
            raise
