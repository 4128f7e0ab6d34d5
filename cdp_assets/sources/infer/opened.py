"""Opens a file of any kind for a look: what it is packed in, which of its members hold records, in which format."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from cdp_assets.config.courier import Archive
from cdp_assets.config.file_format import FileFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import contents
from cdp_assets.exchange.codecs.layer import FRONT_BYTES as LAYER_BYTES
from cdp_assets.exchange.codecs.layer import layer_of
from cdp_assets.exchange.formats.sniff import FRONT_BYTES, format_of
from cdp_assets.exchange.streams import look

_DAMAGE = (EOFError, OSError, zlib.error)
"""What gzip raises on what is cut or changed; reading the file whole says so with its name."""


@dataclass(frozen=True)
class Looked:
    """A file on disk, as a courier would describe it."""

    path: Path
    format: FileFormat
    archive: Archive | None

    def files(self) -> Iterator[tuple[str, BinaryIO]]:
        """Give the file, or the members of its archive, to read; errors call each by the name beside it."""
        return opened(self.path, self.archive)


def opened(path: Path, archive: Archive | None) -> Iterator[tuple[str, BinaryIO]]:
    """Give what a file holds, unpacked; what the disk refuses is a SourceError."""
    try:
        with path.open("rb") as stream, contextlib.closing(contents(stream, path.name, archive=archive)) as files:
            yield from files
    except OSError as error:
        raise SourceError(path.name, f"cannot be read ({error.strerror})", "a file that may be read") from error


def looked_at(path: Path, wanted: str | None) -> Looked:
    """Find out how a file is packed and in which format its records are; PGP must be taken off before.

    Of an archive the members that `wanted` matches are looked at, else those that end as its first one does.
    Raises SourceError for a file that is damaged, encrypted or not there.
    """
    archive = _archive(path, wanted)
    for name, stream in opened(path, archive):
        front, _ = look(stream, FRONT_BYTES)
        if front:
            return Looked(path, format_of(front, name), archive)
    raise SourceError(path.name, "is empty", "a file with records")


def _archive(path: Path, wanted: str | None) -> Archive | None:
    if not _is_archive(path):
        return None
    if wanted is not None:
        return Archive(contents=wanted)
    first = next(iter(opened(path, Archive())), None)
    name = first[0].rpartition(", ")[2] if first else ""
    ending = PurePosixPath(name).suffix
    return Archive(contents=("*/" if "/" in name else "") + f"*{ending}")


def _is_archive(path: Path) -> bool:
    """Say whether a file is a tar or a zip, below gzip where it is compressed."""
    try:
        with path.open("rb") as stream:
            front = stream.read(LAYER_BYTES)
            if layer_of(front) == "gzip":
                stream.seek(0)
                with contextlib.suppress(*_DAMAGE), gzip.open(stream) as unpacked:
                    front = unpacked.read(LAYER_BYTES)
            return layer_of(front) in ("tar", "zip")
    except OSError as error:
        raise SourceError(path.name, f"cannot be read ({error.strerror})", "a file that may be read") from error
