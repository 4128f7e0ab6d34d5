"""Packs one finished file to send. The same file always packs to the same bytes."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cdp_assets.config.destination import Compression
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.streams import CHUNK_BYTES

_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644


def pack(source: Path, target: Path, compression: Compression, name: str) -> None:
    """Write `source` to `target`, packed as `compression`.

    Args:
        source: The finished file.
        target: Where the packed file goes; an older one is replaced.
        compression: As the data template says.
        name: What the file is called inside a tar or zip.

    Raises DeliveryError where a file cannot be read or written.
    """
    try:
        PACKERS[compression](source, target, name)
    except OSError as error:
        msg = f"{target.name}: cannot be packed as {compression} ({error.strerror or type(error).__name__})."
        raise DeliveryError(msg) from error


def _none(source: Path, target: Path, name: str) -> None:
    shutil.copyfile(source, target)


def _gzip(source: Path, target: Path, name: str) -> None:
    with source.open("rb") as plain, _gzip_writer(target) as packed:
        shutil.copyfileobj(plain, packed, CHUNK_BYTES)


def _tar(source: Path, target: Path, name: str) -> None:
    with target.open("wb") as file:
        _write_tar(source, file, name)


def _tgz(source: Path, target: Path, name: str) -> None:
    with _gzip_writer(target) as packed:
        _write_tar(source, packed, name)


@contextmanager
def _gzip_writer(target: Path) -> Iterator[gzip.GzipFile]:
    with (
        target.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed,
    ):
        yield packed


def _write_tar(source: Path, file: BinaryIO | gzip.GzipFile, name: str) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = source.stat().st_size, _READABLE
    with (
        tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive,
        source.open("rb") as plain,
    ):
        archive.addfile(member, plain)


def _zip(source: Path, target: Path, name: str) -> None:
    member = zipfile.ZipInfo(name, _ZIP_EPOCH)
    member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, _READABLE << 16
    member.file_size = source.stat().st_size  # decides on zip64
    with (
        zipfile.ZipFile(target, "w") as archive,
        archive.open(member, "w") as packed,
        source.open("rb") as plain,
    ):
        shutil.copyfileobj(plain, packed, CHUNK_BYTES)


PACKERS: dict[Compression, Callable[[Path, Path, str], None]] = {
    "none": _none,
    "gzip": _gzip,
    "tar": _tar,
    "tgz": _tgz,
    "zip": _zip,
}
