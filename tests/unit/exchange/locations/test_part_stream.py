"""A stream of an object's parts ends only where its bytes are those that the store keeps a sum of."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from cdp_assets.errors import SourceDamagedError, SourceUnreachableError
from cdp_assets.exchange.locations.object_store import Pinned, StoreError, Sum
from cdp_assets.exchange.locations.part_stream import PartStream

CONTENT, OTHER = b"0123456789" * 3, b"something else"


def read(digest: bytes | None, holds: Callable[[], bool] = lambda: True) -> bytes:
    """Read the content in parts of eight bytes, whose store tells a digest or none."""
    told = None if digest is None else Sum(digest, hashlib.sha256(), holds)
    pinned = Pinned("v1", len(CONTENT), told)
    parts = {"part_bytes": 8, "part": lambda start, length: CONTENT[start : start + length]}
    return PartStream("s3://acme/a.csv", pinned, CONTENT[:8], **parts).read()


def test_bytes_that_sum_up_are_given() -> None:
    """And those of which no sum is told."""
    assert read(hashlib.sha256(CONTENT).digest()) == CONTENT
    assert read(None) == CONTENT


def test_other_bytes_are_an_error_that_may_pass() -> None:
    """With the object's name, never a byte of it."""
    with pytest.raises(SourceDamagedError, match=r"^s3://acme/a\.csv: its bytes are not those that the store keeps"):
        read(hashlib.sha256(OTHER).digest())


def test_a_sum_that_is_made_in_another_way_proves_nothing() -> None:
    """It is asked about only where it differs."""
    assert read(hashlib.sha256(OTHER).digest(), holds=lambda: False) == CONTENT
    assert read(hashlib.sha256(CONTENT).digest(), holds=lambda: 1 // 0 == 0) == CONTENT


def test_a_store_that_does_not_answer_what_its_sum_is_of_is_an_error_in_our_words() -> None:
    """As one that does not give a part."""

    def silent() -> bool:
        raise StoreError("no answer", "a store that can be reached", may_pass=True)

    with pytest.raises(SourceUnreachableError, match=r"^s3://acme/a\.csv: no answer"):
        read(hashlib.sha256(OTHER).digest(), holds=silent)
