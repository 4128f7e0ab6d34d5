"""Gzip is found by content and read to its last byte."""

from __future__ import annotations

import gzip
import io
import os

import pytest

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import contents


def read(data: bytes, file: str = "a.gz") -> bytes:
    return b"".join([stream.read() for _, stream in contents(io.BytesIO(data), file)])


def test_gzip_of_several_parts_is_one_file() -> None:
    assert read(gzip.compress(b"1") + gzip.compress(b"2")) == b"12"


@pytest.mark.parametrize("cut", [1, 4, 8, 12])
def test_gzip_without_its_last_bytes_is_an_error(cut: int) -> None:
    data = gzip.compress(b"id,name\n" * 1000)[:-cut]
    with pytest.raises(SourceError, match=r"a\.gz.*gzip.*cut short"):
        read(data)


def test_gzip_whose_checksum_is_wrong_is_an_error() -> None:
    data = bytearray(gzip.compress(b"id,name\n" * 1000))
    data[-6] ^= 0xFF
    with pytest.raises(SourceError, match="damaged"):
        read(bytes(data))


def test_a_reader_that_stops_early_does_not_hide_a_wrong_checksum() -> None:
    data = bytearray(gzip.compress(os.urandom(3_000_000), compresslevel=1))
    data[-6] ^= 0xFF
    files = contents(io.BytesIO(bytes(data)), "a.gz")
    assert len(next(files)[1].read(100)) == 100
    with pytest.raises(SourceError, match="damaged"):
        next(files)


def test_what_is_named_gzip_and_is_none_is_refused() -> None:
    """It may be what is left of a file of which nothing arrived."""
    for data in (b"", b"id,name\n"):
        with pytest.raises(SourceError, match=r"a\.gz: is named as if it were gzip"):
            read(data)
