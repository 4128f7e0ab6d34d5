"""Streams the members of a tar archive, one pass, nothing written to disk."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import BinaryIO, cast

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs.guard import Counted, damage_as_source_error, guarded
from cdp_assets.exchange.codecs.limits import Limits
from cdp_assets.exchange.codecs.member import is_wanted, refused, safe_name
from cdp_assets.exchange.streams import CHUNK_BYTES

_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


def tar_members(stream: BinaryIO, contents: str, file: str, limits: Limits) -> Iterator[tuple[str, BinaryIO]]:
    """Give the name and bytes of each wanted member; read one before taking the next.

    Raises SourceError for links, devices, names that lead out, and for an archive that is damaged or
    ends without its end mark, which a plain `tarfile` takes for a whole one.
    """
    packed = Counted(stream)
    with damage_as_source_error(file, "tar"):
        archive = tarfile.open(  # noqa: SIM115 - nothing of it is on disk, and its stream is the caller's
            fileobj=cast(BinaryIO, packed), mode="r|", tarinfo=_strict(limits)
        )
    count = 0
    while (member := _next(archive, file)) is not None:
        count += 1
        if count > limits.members:
            raise SourceError(file, "has too many members", f"at most {limits.members}")
        name = safe_name(member.name, file)
        if _is_file(member, file) and is_wanted(name, contents):
            reader = archive.extractfile(member)
            assert reader is not None  # noqa: S101 - tarfile gives a reader for every regular file
            yield name, guarded(reader.read, lambda: packed.size_bytes, f"{file}, {name}", "tar", limits)
    with damage_as_source_error(file, "tar"):
        while packed.read(CHUNK_BYTES):
            pass  # the rest is padding, but only its end proves that the packing around it is whole


def _next(archive: tarfile.TarFile, file: str) -> tarfile.TarInfo | None:
    with damage_as_source_error(file, "tar"):
        archive.members = []  # type: ignore[attr-defined]  # it keeps every header it has seen
        return archive.next()


def _is_file(member: tarfile.TarInfo, file: str) -> bool:
    if member.issym() or member.islnk():
        raise refused(file, "a link")
    if member.issparse():
        raise refused(file, "a sparse file")
    if not (member.isreg() or member.isdir()):
        raise refused(file, "a device or another special file")
    return member.isreg()


def _strict(limits: Limits) -> type[tarfile.TarInfo]:
    """Give a reader of tar headers that takes neither a cut for an end nor a huge header into memory."""

    class StrictTarInfo(tarfile.TarInfo):
        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> StrictTarInfo:
            try:
                member = super().frombuf(buf, encoding, errors)
            except tarfile.HeaderError as error:
                if buf and not any(buf):
                    raise  # the end mark
                msg = "a header is damaged or missing"
                raise tarfile.ReadError(msg) from error
            if member.type in _EXTENDED and member.size > limits.header_bytes:
                msg = "a header is too large"
                raise tarfile.ReadError(msg)
            return member

    return StrictTarInfo
