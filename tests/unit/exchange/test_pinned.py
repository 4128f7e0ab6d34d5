"""An object that is read in parts: what is touched is fetched, once."""

from __future__ import annotations

import io
import os
import random

from cdp_assets.exchange.locations.pinned import BLOCK_BYTES, FRONT_BYTES, PinnedObject

CONTENT = random.Random(5).randbytes(3 * BLOCK_BYTES + 1000)


class Store:
    """Gives parts and remembers which."""

    def __init__(self, content: bytes = CONTENT) -> None:
        self.asked: list[tuple[int, int]] = []
        self.content = content

    def part(self, start: int, length: int) -> bytes:
        self.asked.append((start, length))
        return self.content[start : start + length]

    @property
    def object(self) -> PinnedObject:
        return PinnedObject("store/a", len(self.content), self.part)


def test_the_bytes_from_a_place_on_are_read_in_parts() -> None:
    with Store().object.stream(1000, part_bytes=1 << 20) as stream:
        assert stream.read() == CONTENT[1000:]


def test_the_front_costs_no_more_than_a_few_small_parts() -> None:
    store = Store()
    with store.object.front() as stream:
        assert stream.read(10) == CONTENT[:10]
    assert sum(length for _, length in store.asked) <= 4 * FRONT_BYTES


def test_what_is_sought_is_fetched_once_and_nothing_else_is() -> None:
    store = Store()
    with store.object.seekable() as stream:
        assert stream.seek(-8, os.SEEK_END) == len(CONTENT) - 8
        assert stream.read() == CONTENT[-8:]
        assert stream.seek(BLOCK_BYTES - 5) == stream.tell()
        assert stream.read(10) == CONTENT[BLOCK_BYTES - 5 : BLOCK_BYTES + 5]
        stream.seek(7)
        assert stream.read(3) == CONTENT[7:10]
    assert store.asked == [(3 * BLOCK_BYTES, 1000), (0, BLOCK_BYTES), (BLOCK_BYTES, BLOCK_BYTES)]


def test_an_empty_object_has_nothing_anywhere() -> None:
    store = Store(b"")
    with store.object.seekable() as sought, store.object.stream() as read:
        assert (sought.read(), sought.seek(5, io.SEEK_SET), sought.read(1), read.read()) == (b"", 5, b"", b"")
    assert store.asked == []
