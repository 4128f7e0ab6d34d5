"""Streams the members of a zip archive."""

from __future__ import annotations

import stat
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs.guard import damage_as_source_error, guarded
from cdp_assets.exchange.codecs.limits import Limits
from cdp_assets.exchange.codecs.member import is_wanted, refused, safe_name
from cdp_assets.exchange.streams import seekable

_ENCRYPTED = 0x1


def zip_members(stream: BinaryIO, contents: str, file: str, limits: Limits) -> Iterator[tuple[str, BinaryIO]]:
    """Give the name and bytes of each wanted member; read one before taking the next.

    A zip's table of contents is at its end, so a stream that cannot seek is first copied to disk.
    Raises SourceError for encrypted members, links, names that lead out, and a damaged or cut archive.
    """
    with damage_as_source_error(file, "zip"):
        archive = zipfile.ZipFile(seekable(stream))
    members = archive.infolist()
    if len(members) > limits.members:
        raise SourceError(file, "has too many members", f"at most {limits.members}")
    names = {member.filename: safe_name(member.filename, file) for member in members}
    for member in members:
        _refuse_special(member, file)
    for member in members:
        name = names[member.filename]
        if not member.is_dir() and is_wanted(name, contents):
            yield name, _opened(archive, member, f"{file}, {name}", limits)


def _refuse_special(member: zipfile.ZipInfo, file: str) -> None:
    mode = stat.S_IFMT(member.external_attr >> 16)
    if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise refused(file, "a link" if mode == stat.S_IFLNK else "a special file")
    if member.flag_bits & _ENCRYPTED:
        raise refused(file, "encrypted with a password")


def _opened(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str, limits: Limits) -> BinaryIO:
    with damage_as_source_error(file, "zip"):
        reader = archive.open(member)
    return guarded(reader.read, lambda: member.compress_size, file, "zip", limits)
