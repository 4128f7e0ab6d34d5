"""What S3 tells of an object's content: an MD5, a checksum, or the sum of the sums of the parts in which it came.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
"""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import google_crc32c

from cdp_assets.exchange.locations.object_store import Hasher, StoreError, Sum

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, HeadObjectOutputTypeDef

ETAG = re.compile(r'"?([0-9a-f]{32})(?:-(\d+))?"?')
"""An MD5, or one of the MD5s of so many parts."""
CHECKSUM = re.compile(r"([A-Za-z0-9+/=]+)(?:-(\d+))?")


class Crc32:
    """A CRC32, as four bytes."""

    def __init__(self) -> None:
        self._crc = 0

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        self._crc = zlib.crc32(data, self._crc)

    def digest(self) -> bytes:
        """Give the sum of all of them."""
        return self._crc.to_bytes(4, "big")


MD5 = partial(hashlib.md5, usedforsecurity=False)
ALGORITHMS: Mapping[str, Callable[[], Hasher]] = {
    "ChecksumSHA256": hashlib.sha256,
    "ChecksumSHA1": partial(hashlib.sha1, usedforsecurity=False),
    "ChecksumCRC32C": google_crc32c.Checksum,
    "ChecksumCRC32": Crc32,
}
"""Field of an answer -> what makes its sum. A CRC64NVME is not looked at: no library that we have makes one."""


class SumOfParts:
    """The sum of the sums of parts, each of so many bytes but for the last."""

    def __init__(self, new: Callable[[], Hasher], part_bytes: int) -> None:
        self._new, self._part_bytes = new, part_bytes
        self._part, self._room, self._sums = new(), part_bytes, b""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""
        rest = memoryview(data)
        while len(rest) > self._room:
            self._part.update(bytes(rest[: self._room]))
            rest = rest[self._room :]
            self._sums += self._part.digest()
            self._part, self._room = self._new(), self._part_bytes
        self._part.update(bytes(rest))
        self._room -= len(rest)

    def digest(self) -> bytes:
        """Give the sum of all of them."""
        summed = self._new()
        summed.update(self._sums + self._part.digest())
        return summed.digest()


@dataclass(frozen=True)
class S3Sums:
    """Finds the sum of one object's content; `head` asks for what is told of the object, or of a part of it."""

    head: Callable[[int | None], HeadObjectOutputTypeDef]
    size_bytes: int

    def of(self, answer: GetObjectOutputTypeDef, *, is_plain: bool) -> Sum | None:
        """Give the sum that an object's answer holds, or else the one that is told when it is asked for.

        An ETag is of MD5s where the bucket is a plain one and no other key than S3's own encrypts the object.
        """
        etag = ETAG.fullmatch(answer["ETag"])
        is_own_key = answer.get("ServerSideEncryption", "AES256") == "AES256" and "SSECustomerAlgorithm" not in answer
        if etag is None or not (is_plain and is_own_key):
            return self._checksum()
        if etag[2] is None:
            return Sum(bytes.fromhex(etag[1]), MD5())
        return self._checksum() or self._of_parts(bytes.fromhex(etag[1]), MD5, int(etag[2]))

    def _checksum(self) -> Sum | None:
        told = self._told(None)
        if told is None:
            return None
        for field, new in ALGORITHMS.items():
            found = CHECKSUM.fullmatch(str(told.get(field, "")))
            if found and found[2]:
                return self._of_parts(base64.b64decode(found[1]), new, int(found[2]))
            if found and (told.get("ChecksumType") == "FULL_OBJECT" or "-" not in told["ETag"]):
                return Sum(base64.b64decode(found[1]), new())
        return None

    def _of_parts(self, digest: bytes, new: Callable[[], Hasher], count: int) -> Sum | None:
        """Give a sum of parts that are alike, as every program sends them, but for the last."""
        first = self._told(1)
        part_bytes = first["ContentLength"] if first is not None else 0
        if part_bytes <= 0 or -(-self.size_bytes // part_bytes) != count:
            return None

        def are_alike() -> bool:
            return all(self.head(number)["ContentLength"] == part_bytes for number in range(2, count))

        return Sum(digest, SumOfParts(new, part_bytes), are_alike)

    def _told(self, part: int | None) -> HeadObjectOutputTypeDef | None:
        """Give what the store tells; nothing where it does not speak so much of S3's language."""
        try:
            return self.head(part)
        except StoreError as error:
            if error.may_pass:
                raise
            return None
