"""Lets unpacked bytes through only as long as they are sound and within limits."""

from __future__ import annotations

import gzip
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs.limits import Limits
from cdp_assets.exchange.streams import stream_of

_DAMAGE = (
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What the standard library raises on a damaged, cut, encrypted or exotic archive."""


@contextmanager
def damage_as_source_error(file: str, kind: str) -> Iterator[None]:
    """Turn whatever the unpacking library raises into a SourceError that names the file."""
    try:
        yield
    except _DAMAGE as error:
        problem = f"cannot be unpacked as {kind}: it is damaged, cut short or of an unknown variant"
        raise SourceError(file, f"{problem} ({type(error).__name__})", f"a whole {kind} file") from error


class Counted:
    """A stream that counts the bytes read from it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self.size_bytes = stream, 0

    def read(self, size: int = -1) -> bytes:
        """Give what the stream gives."""
        chunk = self._stream.read(size)
        self.size_bytes += len(chunk)
        return chunk


def guarded(
    unpacked: Callable[[int], bytes], packed_bytes: Callable[[], int], file: str, kind: str, limits: Limits
) -> BinaryIO:
    """Give the unpacked bytes as a stream that raises SourceError on damage and beyond the limits.

    Args:
        unpacked: Gives up to so many next unpacked bytes.
        packed_bytes: Says how many packed bytes were used so far, for the ratio.
        file: How errors call the file.
        kind: The kind of packing, for errors.
        limits: The bounds.
    """
    total = 0

    def take(size: int) -> bytes:
        nonlocal total
        with damage_as_source_error(file, kind):
            chunk = unpacked(size)
        total += len(chunk)
        if total > limits.size_bytes:
            raise SourceError(file, "is too large when unpacked", f"at most {limits.size_bytes} bytes")
        if total > limits.ratio_from_bytes and total > limits.ratio * packed_bytes():
            raise SourceError(file, "unpacks like a decompression bomb", f"at most {limits.ratio}-fold growth")
        return chunk

    return stream_of(take)
