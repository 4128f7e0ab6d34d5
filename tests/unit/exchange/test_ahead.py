"""What is made ahead comes in its order, and an error comes where its item would have come."""

from __future__ import annotations

import io
import itertools
import os
import threading
from collections.abc import Iterator

import pytest

from cdp_assets.errors import SourceError
from cdp_assets.exchange.ahead import CHUNKS_AHEAD, ahead, read_ahead
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
    return [thread.name for thread in threading.enumerate() if thread.name == "ahead"]


class Made:
    """Numbers that are made one by one, and what became of their making."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.count, self.closed, self.fails_at = 0, False, fails_at

    def numbers(self) -> Iterator[int]:
        try:
            while True:
                if self.count == self.fails_at:
                    raise SourceError("in.csv", "is damaged", "a whole one")
                yield self.count
                self.count += 1
        finally:
            self.closed = True


def test_items_are_made_beyond_those_taken_and_no_further_than_said() -> None:
    made = Made()
    found = ahead(made.numbers(), 3)
    assert list(itertools.islice(found, 5)) == [0, 1, 2, 3, 4]
    found.close()
    assert made.closed
    assert made.count <= 5 + 3 + 2
    assert not threads()


def test_an_item_that_cannot_be_made_raises_in_its_turn_and_the_making_is_closed() -> None:
    made = Made(fails_at=3)
    found = ahead(made.numbers(), 2)
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(SourceError, match="damaged"):
        next(found)
    assert made.closed
    assert not threads()


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


def test_reading_on_after_the_block_is_an_error_and_no_end() -> None:
    with read_ahead(io.BytesIO(DATA)) as stream:
        assert stream.read(10) == DATA[:10]
    with pytest.raises(ValueError, match="has ended"):
        stream.read()
