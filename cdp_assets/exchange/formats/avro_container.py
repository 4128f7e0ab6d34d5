"""The container around Avro's records: its header and its blocks, unpacked within limits."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

import pyarrow as pa

from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.binary_values import RECORD_BYTES

MAGIC = b"Obj\x01"
SYNC_BYTES = 16
HEADER_BYTES = 1 << 20
"""Of all that the header holds; a schema of ten thousand fields takes less."""
_MOST_BLOCK_BYTES = RECORD_BYTES
_XZ_MEMORY_BYTES = 256 << 20
"""The strongest level needs 65 MiB to unpack."""
_VARINT_BYTES = 10


class Container:
    """A file's header, and its blocks."""

    def __init__(self, stream: BinaryIO, file: str) -> None:
        self._stream, self._file = stream, file
        magic = stream.read(len(MAGIC))
        if magic != MAGIC:
            raise SourceError(file, "is empty" if not magic else "is no Avro file", "an Avro object container file")
        header = self._header()
        self.schema = header.get("avro.schema", b"")
        """The writer's schema, as JSON."""
        codec = header.get("avro.codec", b"null").decode("ascii", "replace")
        if codec not in _UNPACK:
            raise SourceError(file, "is compressed in a way that is not read", f"one of {', '.join(_UNPACK)}")
        self._unpack = _UNPACK[codec]
        self._sync = self._bytes(SYNC_BYTES)

    def blocks(self) -> Iterator[tuple[int, bytes]]:
        """Give the number of records in each block, and its unpacked bytes."""
        while (count := self._varint(at_end=True)) is not None:
            size_bytes = self._varint()
            if count < 0 or size_bytes is None or not 0 <= size_bytes <= _MOST_BLOCK_BYTES:
                raise self._refused(f"has a block of more than {_MOST_BLOCK_BYTES} bytes, or of none")
            packed = self._bytes(size_bytes)
            if self._bytes(SYNC_BYTES) != self._sync:
                raise self._refused("has a block without its end mark")
            yield count, self._unpacked(packed)

    def _unpacked(self, packed: bytes) -> bytes:
        try:
            block = self._unpack(packed, _MOST_BLOCK_BYTES + 1)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
            raise self._refused("has a block that cannot be unpacked") from None
        if len(block) > _MOST_BLOCK_BYTES:
            raise self._refused(f"has a block of more than {_MOST_BLOCK_BYTES} bytes when unpacked")
        return block

    def _header(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        size_bytes = 0
        while count := self._varint() or 0:
            if count < 0:
                self._varint()  # the block's size, which only those need who skip it
            for _ in range(abs(count)):
                key, value = self._string(), self._string()
                found[key.decode("utf-8", "replace")] = value
                size_bytes += len(key) + len(value) + 2
                if size_bytes > HEADER_BYTES:
                    raise self._refused(f"has a header of more than {HEADER_BYTES} bytes")
        return found

    def _string(self) -> bytes:
        size_bytes = self._varint() or 0
        if not 0 <= size_bytes <= HEADER_BYTES:
            raise self._refused(f"has a header of more than {HEADER_BYTES} bytes")
        return self._bytes(size_bytes)

    def _varint(self, *, at_end: bool = False) -> int | None:
        """Give the next whole number; at the end of the file nothing, where the file may end."""
        found = 0
        for at in range(_VARINT_BYTES):
            byte = self._stream.read(1)
            if not byte and at == 0 and at_end:
                return None
            if not byte:
                raise self._refused("is cut short")
            found |= (byte[0] & 0x7F) << (7 * at)
            if byte[0] < 0x80:
                return (found >> 1) ^ -(found & 1)
        raise self._refused("is damaged")

    def _bytes(self, count: int) -> bytes:
        found = self._stream.read(count)
        if len(found) < count:
            raise self._refused("is cut short")
        return found

    def _refused(self, problem: str) -> SourceError:
        return SourceError(self._file, problem, "a whole Avro file")


class _Decompressor(Protocol):
    """What the standard library's decompressors share."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _whole(decompressor: _Decompressor, packed: bytes, most: int) -> bytes:
    block = decompressor.decompress(packed, most)
    if not decompressor.eof and len(block) < most:
        raise EOFError
    return block


def _deflate(packed: bytes, most: int) -> bytes:
    return _whole(zlib.decompressobj(-zlib.MAX_WBITS), packed, most)


def _bzip2(packed: bytes, most: int) -> bytes:
    return _whole(bz2.BZ2Decompressor(), packed, most)


def _xz(packed: bytes, most: int) -> bytes:
    return _whole(lzma.LZMADecompressor(memlimit=_XZ_MEMORY_BYTES), packed, most)


def _zstandard(packed: bytes, most: int) -> bytes:
    return bytes(pa.CompressedInputStream(pa.BufferReader(packed), "zstd").read(most))


def _snappy(packed: bytes, most: int) -> bytes:
    """Unpack a block that begins with its size, seven bits a byte, and is followed by a checksum."""
    size_bytes = 0
    for place, byte in enumerate(packed[:5]):
        size_bytes |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            break
    if size_bytes >= most:
        raise ValueError
    block = bytes(pa.Codec("snappy").decompress(packed[:-4], size_bytes, asbytes=True))
    if zlib.crc32(block) != int.from_bytes(packed[-4:], "big"):
        raise ValueError
    return block


_UNPACK: dict[str, Callable[[bytes, int], bytes]] = {
    "null": lambda packed, _: packed,
    "deflate": _deflate,
    "snappy": _snappy,
    "bzip2": _bzip2,
    "xz": _xz,
    "zstandard": _zstandard,
}
