"""Streams the members of a tar archive, one pass, nothing written to disk."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import Any, BinaryIO

from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs.guard import Growth, damage_as_source_error, guarded
from cdp_assets.exchange.codecs.member import is_wanted, refused, safe_name
from cdp_assets.exchange.streams import CHUNK_BYTES, drain

_EXTENDED = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_SPARSE = "a sparse file"


def tar_members(stream: BinaryIO, contents: str, file: str, growth: Growth) -> Iterator[tuple[str, BinaryIO]]:
    """Give the name and bytes of each wanted member; read one before taking the next.

    Raises SourceError for links, devices, names that lead out, and for an archive that is damaged or
    ends without its end mark, which a plain `tarfile` takes for a whole one.
    """
    header = _strict(growth, file)
    with damage_as_source_error(file, "tar"):
        archive = tarfile.open(  # noqa: SIM115 - the stream is the caller's
            fileobj=stream, mode="r|", bufsize=CHUNK_BYTES, tarinfo=header
        )
    count = 0
    while (member := _next(archive, file)) is not None:
        count += 1
        if count > growth.limits.members:
            raise SourceError(file, "has too many members", f"at most {growth.limits.members}")
        name = safe_name(member.name, file)
        if _is_file(member, file) and is_wanted(name, contents):
            reader = archive.extractfile(member)
            assert reader is not None  # noqa: S101 - tarfile gives a reader for every regular file
            yield name, guarded(reader.read, growth, f"{file}, {name}", "tar")
    drain(stream)  # the rest is padding, but only its end proves that the packing around it is whole


def _next(archive: tarfile.TarFile, file: str) -> tarfile.TarInfo | None:
    with damage_as_source_error(file, "tar"):
        archive.members = []  # type: ignore[attr-defined]  # it keeps every header it has seen,
        archive.pax_headers = {}  # and what every global one says
        return archive.next()


def _is_file(member: tarfile.TarInfo, file: str) -> bool:
    if member.issym() or member.islnk():
        raise refused(file, "a link")
    if not (member.isreg() or member.isdir()):
        raise refused(file, "a device or another special file")
    return member.isreg()


def _strict(growth: Growth, file: str) -> type[tarfile.TarInfo]:
    """Give a reader of tar headers that takes neither a cut for an end nor a huge header into memory.

    The map of a sparse file has no bound, so one is refused before it is read.
    """

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
            if member.type == tarfile.GNUTYPE_SPARSE:
                raise refused(file, _SPARSE)
            if member.type in _EXTENDED and member.size > growth.limits.header_bytes:
                msg = "a header is too large"
                raise tarfile.ReadError(msg)
            return member

        def _proc_gnusparse_10(self, *_: Any) -> None:
            raise refused(file, _SPARSE)

    return StrictTarInfo
