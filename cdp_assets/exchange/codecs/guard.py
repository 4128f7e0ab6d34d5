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
from typing import BinaryIO, cast

from isal import igzip_lib

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs.limits import Limits
from cdp_assets.exchange.streams import stream_of

_DAMAGE = (
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    OverflowError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    cast("type[Exception]", igzip_lib.IsalError),  # which its own types take for an instance
)
"""What the standard library and ISA-L raise on a damaged, cut, encrypted or exotic archive."""


@contextmanager
def damage_as_source_error(file: str, kind: str) -> Iterator[None]:
    """Turn whatever the unpacking library raises into a SourceError that names the file."""
    try:
        yield
    except _DAMAGE as error:
        problem = f"cannot be unpacked as {kind}: it is damaged, cut short or of an unknown variant"
        raise SourceError(file, f"{problem} ({type(error).__name__})", f"a whole {kind} file") from error


class Growth:
    """How much all layers of one file that arrived have unpacked so far, beside its size."""

    def __init__(self, packed_bytes: int, limits: Limits) -> None:
        self.packed_bytes, self.limits = packed_bytes, limits
        self.unpacked_bytes = 0

    def add(self, size_bytes: int, file: str) -> None:
        """Count unpacked bytes; raises SourceError, naming `file`, where they are more than an honest file gives."""
        self.unpacked_bytes += size_bytes
        beyond = self.unpacked_bytes > self.limits.ratio * self.packed_bytes
        if beyond and self.unpacked_bytes > self.limits.ratio_from_bytes:
            raise SourceError(file, "unpacks like a decompression bomb", f"at most {self.limits.ratio}-fold growth")


def guarded(unpacked: Callable[[int], bytes], growth: Growth, file: str, kind: str) -> BinaryIO:
    """Give the unpacked bytes as a stream that raises SourceError on damage and beyond the growth.

    Args:
        unpacked: Gives up to so many next unpacked bytes.
        growth: Counts them.
        file: How errors call the file.
        kind: The kind of packing, for errors.
    """

    def take(size: int) -> bytes:
        with damage_as_source_error(file, kind):
            chunk = unpacked(size)
        growth.add(len(chunk), file)
        return chunk

    return stream_of(take)


def limited(stream: BinaryIO, most_bytes: int, file: str) -> BinaryIO:
    """Give a file's bytes as a stream that raises SourceError beyond the size that a file may have."""
    total = 0

    def take(size: int) -> bytes:
        nonlocal total
        chunk = stream.read(size)
        total += len(chunk)
        refuse_too_large(total, most_bytes, file)
        return chunk

    return stream_of(take)


def refuse_too_large(size_bytes: int, most_bytes: int, file: str) -> None:
    """Raise SourceError for a file beyond the size that one may have."""
    if size_bytes > most_bytes:
        raise SourceError(file, "is too large", f"at most {most_bytes} bytes of unpacked content; split it")
