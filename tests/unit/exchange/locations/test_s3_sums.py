"""What S3 tells of an object's content, in every form that its documents describe, is what we make of the content."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable
from typing import Any

import google_crc32c
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdp_assets.exchange.locations.object_store import StoreError, Sum
from cdp_assets.exchange.locations.s3_sums import MD5, S3Sums, SumOfParts

CONTENT = bytes(range(256)) * 10
PART = 1000
PARTS = [CONTENT[at : at + PART] for at in range(0, len(CONTENT), PART)]
OF_PARTS = f'"{hashlib.md5(b"".join(hashlib.md5(part).digest() for part in PARTS)).hexdigest()}-{len(PARTS)}"'  # noqa: S324
Digest = Callable[[bytes], bytes]
DIGESTS: dict[str, Digest] = {
    "ChecksumSHA256": lambda data: hashlib.sha256(data).digest(),
    "ChecksumSHA1": lambda data: hashlib.sha1(data).digest(),  # noqa: S324
    "ChecksumCRC32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "ChecksumCRC32C": lambda data: google_crc32c.value(data).to_bytes(4, "big"),
}


def told(answer: dict[str, Any], head: dict[str, Any], *, is_plain: bool = True) -> Sum | None:
    """Give the sum of an object whose parts are of `PART` bytes, and of which `head` is told."""
    told_of = {None: head} | {number: {"ContentLength": len(part)} for number, part in enumerate(PARTS, 1)}
    return S3Sums(lambda part: told_of[part], len(CONTENT)).of(answer, is_plain=is_plain)  # type: ignore[arg-type]


def agrees(found: Sum | None, content: bytes = CONTENT) -> bool:
    """Say whether content, in uneven pieces, sums up to what is told."""
    assert found is not None
    for start in range(0, len(content), 333):
        found.hasher.update(content[start : start + 333])
    return found.hasher.digest() == found.digest


def base64_of(digest: bytes) -> str:
    """Give a digest as S3 writes it."""
    return base64.b64encode(digest).decode()


@pytest.mark.parametrize("field", DIGESTS)
def test_a_checksum_of_the_whole_object_is_its_own(field: str) -> None:
    """Of one that a customer's own key encrypts, whose ETag says nothing."""
    etag = {"ETag": f'"{"0" * 32}"'}
    head = etag | {field: base64_of(DIGESTS[field](CONTENT)), "ChecksumType": "FULL_OBJECT"}
    assert agrees(told(etag | {"ServerSideEncryption": "aws:kms"}, head))
    assert not agrees(told(etag | {"ServerSideEncryption": "aws:kms"}, head), CONTENT[:-1] + b"?")


@pytest.mark.parametrize("field", DIGESTS)
def test_a_composite_checksum_is_that_of_the_parts_checksums(field: str) -> None:
    """With the number of parts behind it."""
    composite = base64_of(DIGESTS[field](b"".join(map(DIGESTS[field], PARTS))))
    found = told({"ETag": OF_PARTS}, {"ETag": OF_PARTS, field: f"{composite}-{len(PARTS)}"})
    assert agrees(found)
    assert found is not None
    assert found.holds()


def test_without_a_checksum_the_etag_of_parts_is_theirs() -> None:
    """Also where there is one that nobody here can make."""
    for head in ({}, {"ChecksumCRC64NVME": "AAAAAAAAAAA=", "ChecksumType": "FULL_OBJECT"}):
        assert agrees(told({"ETag": OF_PARTS}, {"ETag": OF_PARTS} | head))


def test_an_etag_that_is_no_md5_is_not_taken_for_one() -> None:
    """Of another key's encryption, of a directory bucket, of a store with ways of its own."""
    etag = {"ETag": f'"{"0" * 32}"'}
    assert told(etag | {"ServerSideEncryption": "aws:kms"}, etag) is None
    assert told(etag | {"SSECustomerAlgorithm": "AES256"}, etag) is None
    assert told(etag, etag, is_plain=False) is None
    assert told({"ETag": '"opaque"'}, {"ETag": '"opaque"'}) is None


def test_a_checksum_of_unsaid_type_of_an_object_in_parts_is_not_taken_for_the_whole_ones() -> None:
    """Older answers do not say; the ETag is looked at instead."""
    assert agrees(told({"ETag": OF_PARTS}, {"ETag": OF_PARTS, "ChecksumCRC32": "AAAAAA=="}))


def test_parts_that_are_not_alike_are_not_held_to_it() -> None:
    """As many parts as if they were; that one of them is longer shows when the sums differ."""
    sizes = {None: len(CONTENT), 1: PART, 2: PART + 1, 3: len(CONTENT) - 2 * PART - 1}
    sums = S3Sums(lambda part: {"ContentLength": sizes[part], "ETag": OF_PARTS}, len(CONTENT))  # type: ignore[typeddict-item,return-value]
    found = sums.of({"ETag": OF_PARTS}, is_plain=True)  # type: ignore[typeddict-item]
    assert found is not None
    assert not found.holds()


def test_a_store_that_does_not_know_the_question_is_not_asked_twice() -> None:
    """What may pass is tried again by who asks; anything else is no sum."""

    def refusing(part: int | None, *, may_pass: bool = False) -> Any:
        raise StoreError("refused", "something else", may_pass=may_pass)

    assert S3Sums(refusing, len(CONTENT)).of({"ETag": OF_PARTS}, is_plain=True) is None  # type: ignore[typeddict-item]
    with pytest.raises(StoreError):
        S3Sums(lambda part: refusing(part, may_pass=True), 1).of({"ETag": OF_PARTS}, is_plain=True)  # type: ignore[typeddict-item]


@given(st.binary(max_size=200), st.integers(1, 50), st.lists(st.integers(0, 60), max_size=20))
def test_a_sum_of_parts_does_not_depend_on_how_the_bytes_come(content: bytes, part: int, pieces: list[int]) -> None:
    """Large pieces, small ones, empty ones."""
    summed, at = SumOfParts(MD5, part), 0
    for piece in [*pieces, len(content)]:
        summed.update(content[at : at + piece])
        at += piece
    parts = [content[start : start + part] for start in range(0, max(1, len(content)), part)]
    assert summed.digest() == MD5(b"".join(MD5(one).digest() for one in parts)).digest()
