"""Finds out what kind of archive a file is, and streams its members."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs.gzipped import decompressed
from cdp_assets.exchange.codecs.limits import LIMITS, Limits
from cdp_assets.exchange.codecs.tar import tar_members
from cdp_assets.exchange.codecs.zip import zip_members
from cdp_assets.exchange.streams import look

Unpacker = Callable[[BinaryIO, str, str, Limits], Iterator[tuple[str, BinaryIO]]]

UNPACKERS: dict[str, Unpacker] = {"tar": tar_members, "zip": zip_members}

_TAR_HEADER_BYTES = 512
_TAR_MAGIC = slice(257, 262)


def members(stream: BinaryIO, contents: str, file: str, limits: Limits = LIMITS) -> Iterator[tuple[str, BinaryIO]]:
    """Give the name and bytes of each member of a tar, tgz or zip that `contents` matches, in order.

    Read each stream before taking the next. A member that is gzip itself is decompressed. The iteration
    must be run to its end: only that proves the archive whole. No match gives nothing.

    Raises SourceError for a damaged or cut archive, for a member that is a link, a device or named with
    `..` or from the root (wanted or not), and beyond the limits.
    """
    unpacked = decompressed(stream, file, limits)
    front, whole = look(unpacked, _TAR_HEADER_BYTES)
    unpack = UNPACKERS[_kind(front, file)]
    for name, member in unpack(whole, contents, file, limits):
        yield name, decompressed(member, f"{file}, {name}", limits)


def _kind(front: bytes, file: str) -> str:
    if front.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if front[_TAR_MAGIC] == b"ustar" or (len(front) == _TAR_HEADER_BYTES and not any(front)):
        return "tar"
    raise SourceError(file, "is no archive", "a tar, tgz or zip file, as the courier's `archive` says")
