"""Unpacks gzip, which is found by its first bytes and never declared."""

from __future__ import annotations

import gzip
from typing import BinaryIO, cast

from cdp_assets.exchange.codecs.guard import Counted, guarded
from cdp_assets.exchange.codecs.limits import LIMITS, Limits
from cdp_assets.exchange.streams import look

MAGIC = b"\x1f\x8b"


def decompressed(stream: BinaryIO, file: str, limits: Limits = LIMITS) -> BinaryIO:
    """Give the unpacked bytes of a gzip file, or the bytes as they are where it is none.

    Reading raises SourceError where the file is damaged, cut short or grows beyond the limits.
    """
    front, whole = look(stream, len(MAGIC))
    if front != MAGIC:
        return whole
    packed = Counted(whole)
    reader = gzip.GzipFile(fileobj=cast(BinaryIO, packed), mode="rb")
    return guarded(reader.read, lambda: packed.size_bytes, file, "gzip", limits)
