"""Streams the members of a zip archive."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs.guard import Growth, damage_as_source_error, guarded
from cdp_assets.exchange.codecs.limits import Limits
from cdp_assets.exchange.codecs.member import is_wanted, refused, safe_name
from cdp_assets.exchange.streams import seekable

_ENCRYPTED = 0x1
_FILES = (0, stat.S_IFREG, stat.S_IFDIR, stat.S_IFIFO)
"""The `zip` tool marks as a pipe what it has read from one; its content is that of a file."""
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others may ask for gigabytes of memory to unpack, and no everyday tool uses them unasked."""
_ENTRY, _ENTRY_BYTES, _LENGTHS_AT = b"PK\x01\x02", 46, 28
_END, _END_BYTES, _MOST_COMMENT_BYTES = b"PK\x05\x06", 22, 0xFFFF
_LOCATOR, _LOCATOR_BYTES, _END64_BYTES = b"PK\x06\x07", 20, 56


def zip_members(stream: BinaryIO, contents: str, file: str, growth: Growth) -> Iterator[tuple[str, BinaryIO]]:
    """Give the name and bytes of each wanted member; read one before taking the next.

    A zip's table of contents is at its end, so a stream that cannot seek is first copied to disk.
    Raises SourceError for encrypted members, links, names that lead out, and a damaged or cut archive.
    """
    whole = seekable(stream)
    _refuse_long_directory(whole, file, growth.limits)
    with damage_as_source_error(file, "zip"):
        archive = zipfile.ZipFile(whole)
    members = archive.infolist()
    names = [safe_name(member.orig_filename, file) for member in members]
    for member in members:
        _refuse_special(member, file)
    for name, member in zip(names, members, strict=True):
        if not member.is_dir() and is_wanted(name, contents):
            yield name, _opened(archive, member, f"{file}, {name}", growth)


def _refuse_long_directory(stream: BinaryIO, file: str, limits: Limits) -> None:
    """Raise SourceError where the table of contents holds too much: `zipfile` would read all of it into memory."""
    with damage_as_source_error(file, "zip"):
        size, start = _directory(stream)
        if size > limits.directory_bytes:
            raise SourceError(file, "has too long a table of contents", f"at most {limits.directory_bytes} bytes")
        stream.seek(start)
        directory = stream.read(size)
    at = count = 0
    while directory.startswith(_ENTRY, at) and len(directory) >= at + _ENTRY_BYTES:
        at += _ENTRY_BYTES + sum(struct.unpack_from("<3H", directory, at + _LENGTHS_AT))
        count += 1
    if count > limits.members:
        raise SourceError(file, "has too many members", f"at most {limits.members}")


def _directory(stream: BinaryIO) -> tuple[int, int]:
    """Give the size and the place of the table of contents; it stands before the end records, of zip64 too."""
    length = stream.seek(0, 2)
    tail_at = max(0, length - _END_BYTES - _MOST_COMMENT_BYTES - _LOCATOR_BYTES - _END64_BYTES)
    stream.seek(tail_at)
    tail = stream.read()
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + _END_BYTES:
        msg = "there is no end record"
        raise zipfile.BadZipFile(msg)
    (size,) = struct.unpack_from("<L", tail, end + 12)
    if tail[max(0, end - _LOCATOR_BYTES) : end].startswith(_LOCATOR):
        end -= _LOCATOR_BYTES + _END64_BYTES
        (size,) = struct.unpack_from("<Q", tail, end + 40)
    return size, max(0, tail_at + end - size)


def _refuse_special(member: zipfile.ZipInfo, file: str) -> None:
    mode = stat.S_IFMT(member.external_attr >> 16)
    if mode not in _FILES:
        raise refused(file, "a link" if mode == stat.S_IFLNK else "a special file")
    if member.flag_bits & _ENCRYPTED:
        raise refused(file, "encrypted with a password")
    if member.compress_type not in _METHODS:
        raise refused(file, f"compressed by method {member.compress_type}")


def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str, growth: Growth) -> BinaryIO:
    with damage_as_source_error(file, "zip"):
        reader = archive.open(member)
    return guarded(reader.read, growth, file, "zip")
