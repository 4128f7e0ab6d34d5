"""Packs finished files to send: compressed or in an archive, then encrypted. The same files pack to the same bytes."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cdp_assets.config.destination import Compression
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.codecs.names import decrypted_name
from cdp_assets.exchange.codecs.pgp.encrypt import Recipient, encrypt
from cdp_assets.exchange.streams import CHUNK_BYTES
from cdp_assets.hashing import sha256_of_file

Members = Mapping[str, Path]
"""Name inside the archive -> the finished file, in the order in which they are packed."""
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o644
_GZIP_LEVEL = 6
"""What the `gzip` tool does; the last percent that 9 saves takes three times as long."""


@dataclass(frozen=True)
class Packing:
    """How finished files become the one that is sent."""

    compression: Compression = "none"
    recipient: Recipient | None = None
    """Whom it is encrypted to, if to anybody."""
    zip64: bool = True
    """Whether a zip may be as large as its content needs; without, one beyond 4 GB is refused."""
    is_compressed: bool = False
    """Whether the files are compressed in themselves, as Parquet is."""


def pack(members: Members, target: Path, packing: Packing, name: str) -> str:
    """Write the members to `target`, packed, and give the SHA-256 of what was packed, before encryption.

    Encryption draws a new key each time, so only this hash says whether a file's content was sent before.

    Args:
        members: One file, or with tar, tgz and zip several, such as `orders.parquet/part-0.parquet`.
        target: Where the packed file goes; an older one is replaced.
        packing: As the data template says.
        name: What the file is called where it is sent.

    Raises DeliveryError where a file cannot be read, packed or written.
    """
    plain = target.with_name(f"{target.name}.plain") if packing.recipient else target
    try:
        PACKERS[packing.compression](members, plain, packing)
        digest = sha256_of_file(plain)
        if packing.recipient is not None:
            is_compressed = packing.is_compressed or packing.compression in ("gzip", "tgz", "zip")
            encrypt(plain, target, packing.recipient, decrypted_name(name), is_compressed=is_compressed)
    except zipfile.LargeZipFile:
        raise DeliveryError(f"{name}: is beyond 4 GB as a zip. Expected `zip64: true`, or a split.") from None
    except OSError as error:
        msg = f"{name}: cannot be packed as {packing.compression} ({error.strerror or type(error).__name__})."
        raise DeliveryError(msg) from error
    finally:
        if packing.recipient is not None:
            plain.unlink(missing_ok=True)
    return digest


def _only(members: Members) -> Path:
    (source,) = members.values()
    return source


def _none(members: Members, target: Path, packing: Packing) -> None:
    shutil.copyfile(_only(members), target)


def _gzip(members: Members, target: Path, packing: Packing) -> None:
    with _only(members).open("rb") as plain, _gzip_writer(target) as packed:
        shutil.copyfileobj(plain, packed, CHUNK_BYTES)


def _tar(members: Members, target: Path, packing: Packing) -> None:
    with target.open("wb") as file:
        _write_tar(members, file)


def _tgz(members: Members, target: Path, packing: Packing) -> None:
    with _gzip_writer(target) as packed:
        _write_tar(members, packed)


@contextmanager
def _gzip_writer(target: Path) -> Iterator[gzip.GzipFile]:
    with (
        target.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=_GZIP_LEVEL, mtime=0) as packed,
    ):
        yield packed


def _write_tar(members: Members, file: BinaryIO | gzip.GzipFile) -> None:
    with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, source in members.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = source.stat().st_size, _READABLE
            with source.open("rb") as plain:
                archive.addfile(member, plain)


def _zip(members: Members, target: Path, packing: Packing) -> None:
    with zipfile.ZipFile(target, "w", allowZip64=packing.zip64) as archive:
        for name, source in members.items():
            member = zipfile.ZipInfo(name, _ZIP_EPOCH)
            member.compress_type, member.external_attr = zipfile.ZIP_DEFLATED, _READABLE << 16
            member.file_size = source.stat().st_size  # decides on zip64
            with archive.open(member, "w") as packed, source.open("rb") as plain:
                shutil.copyfileobj(plain, packed, CHUNK_BYTES)


PACKERS: dict[Compression, Callable[[Members, Path, Packing], None]] = {
    "none": _none,
    "gzip": _gzip,
    "tar": _tar,
    "tgz": _tgz,
    "zip": _zip,
}
