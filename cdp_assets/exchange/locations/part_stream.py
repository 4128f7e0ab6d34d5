"""Reads an object as one stream while its next parts are already on their way."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

from cdp_assets.errors import SourceDamagedError
from cdp_assets.exchange.in_order import in_order
from cdp_assets.exchange.locations.far_side import source_errors
from cdp_assets.exchange.locations.object_store import Pinned, Sum

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PARTS_AHEAD = 3
"""Parts that one stream holds at most: what is read, and those under way."""


class PartStream(io.RawIOBase):
    """One version of an object from its first byte to its last; memory holds `PARTS_AHEAD` parts of it.

    Where the store told the content's sum, the end of the stream is reached only by the very same content, else
    SourceDamagedError; SourceError for a part that cannot be had.
    """

    def __init__(
        self,
        where: str,
        pinned: Pinned,
        first: bytes,
        part: Callable[[int, int], bytes],
        *,
        part_bytes: int,
    ) -> None:
        self._where, self._pinned, self._part, self._part_bytes = where, pinned, part, part_bytes
        self._parts = self._checked(first)
        self._unread = memoryview(b"")

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Fill the buffer as far as one part goes; 0 is the object's end."""
        while not self._unread:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._unread = memoryview(part)
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._unread))
        target[:size], self._unread = self._unread[:size], self._unread[size:]
        return size

    def close(self) -> None:
        """Let go of the parts that are under way."""
        self._parts.close()
        super().close()

    def _checked(self, first: bytes) -> Generator[bytes, None, None]:
        told = self._pinned.sum
        for part in itertools.chain([first], self._rest(len(first))):
            if told is not None:
                told.hasher.update(part)
            yield part
        if told is not None and self._is_damaged(told):
            problem = "its bytes are not those that the store keeps a sum of"
            raise SourceDamagedError(self._where, problem, "an undamaged transfer; try again")

    def _is_damaged(self, told: Sum) -> bool:
        with source_errors(self._where):
            return told.digest != told.hasher.digest() and told.holds()

    def _rest(self, begun: int) -> Iterator[bytes]:
        end = self._pinned.size_bytes

        def part_at(start: int) -> bytes:
            return self._part(start, min(self._part_bytes, end - start))

        return in_order(part_at, range(begun, end, self._part_bytes), PARTS_AHEAD)
