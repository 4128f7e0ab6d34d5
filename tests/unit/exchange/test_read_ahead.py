"""Bytes read ahead are the bytes, and an error comes where its bytes would have come."""

from __future__ import annotations

import io
import os
import threading

import pytest

from cdp_assets.errors import SourceError
from cdp_assets.exchange.read_ahead import CHUNKS_AHEAD, read_ahead
from cdp_assets.exchange.streams import CHUNK_BYTES

DATA = os.urandom(CHUNK_BYTES * 20 + 7)


class Counting(io.BytesIO):
    """Counts what was read of it, and fails after so many bytes."""

    def __init__(self, data: bytes, fails_after: int | None = None) -> None:
        super().__init__(data)
        self.fails_after = fails_after

    def read(self, size: int | None = -1) -> bytes:
        if self.fails_after is not None and self.tell() >= self.fails_after:
            raise SourceError("in.gz", "is damaged", "a whole one")
        return super().read(size)


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "read ahead"]


@pytest.mark.parametrize("size", [1000, CHUNK_BYTES, 5 * CHUNK_BYTES])
def test_all_bytes_come_in_their_order_and_then_the_end(size: int) -> None:
    with read_ahead(io.BytesIO(DATA)) as stream:
        assert b"".join(iter(lambda: stream.read(size), b"")) == DATA
        assert stream.read(1) == b""
    assert not threads()


def test_an_error_comes_after_the_bytes_before_it_and_again() -> None:
    with read_ahead(Counting(DATA, fails_after=3 * CHUNK_BYTES)) as stream:
        assert stream.read(3 * CHUNK_BYTES) == DATA[: 3 * CHUNK_BYTES]
        for _ in range(2):
            with pytest.raises(SourceError, match="damaged"):
                stream.read(1)


def test_who_stops_early_leaves_no_thread_and_little_was_read() -> None:
    source = Counting(DATA)
    with read_ahead(source) as stream:
        assert stream.read(10) == DATA[:10]
    assert not threads()
    assert source.tell() <= (CHUNKS_AHEAD + 4) * CHUNK_BYTES
