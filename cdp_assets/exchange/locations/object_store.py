"""What the three object stores have in common: what is asked of each, and what their refusals mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import BinaryIO, Protocol

from cdp_assets.exchange.locations.far_side import FarSideError
from cdp_assets.exchange.patience import Patience

PART_BYTES = 8 << 20
"""What is larger goes and comes in parts of this size. Google's client sends up to this much in one request."""
PARTS_AT_ONCE = 4
MAY_PASS = frozenset({408, 429, 500, 502, 503, 504})


@dataclass(frozen=True)
class StoredObject:
    """An object as a listing shows it; `key` is its whole name in the bucket, `modified_at` is UTC-aware.

    version: what `Pinned` calls it by: the ETag or generation.
    """

    key: str
    size_bytes: int
    modified_at: datetime
    version: str


@dataclass(frozen=True)
class Page:
    """A part of a listing, in the order of keys; `following` continues it, None where it ends."""

    objects: tuple[StoredObject, ...]
    following: str | None


class Hasher(Protocol):
    """Sums up bytes as a store does."""

    def update(self, data: bytes, /) -> object:
        """Take more bytes."""
        ...

    def digest(self) -> bytes:
        """Give the sum of all of them."""
        ...


@dataclass(frozen=True)
class Sum:
    """What a store says that the whole content sums up to."""

    digest: bytes
    hasher: Hasher
    """Makes it, fresh."""
    holds: Callable[[], bool] = lambda: True
    """Asked where the content sums up to something else: whether the store's sum is made as we make ours."""


@dataclass(frozen=True)
class Pinned:
    """One version of an object, and the sum of its content, where the store tells one that can be trusted."""

    version: str
    size_bytes: int
    sum: Sum | None


class StoreError(FarSideError):
    """What a store answered instead of what was asked."""


class AbsentError(StoreError):
    """There is no such object, or no such bucket."""


class ReplacedError(StoreError):
    """Another version has taken the place of the one that was pinned."""

    def __init__(self, said: str) -> None:
        super().__init__(f"was replaced while it was read ({said})", "a file that nobody writes to")


class ObjectStore(Protocol):
    """One bucket or container. Each method makes one request, where it does not say otherwise, or raises StoreError."""

    url: str
    """How people write the bucket, such as `s3://acme-drop`."""
    patience: Patience
    part_bytes: int

    def page(self, prefix: str, following: str | None) -> Page:
        """Give the objects whose keys begin with `prefix`, from where the last page ended."""
        ...

    def first(self, key: str, length: int) -> tuple[Pinned, bytes]:
        """Give an object's version, and up to `length` of its first bytes."""
        ...

    def part(self, key: str, pinned: Pinned, start: int, length: int) -> bytes:
        """Give `length` bytes of that version; StoreError where another one has taken its place."""
        ...

    def put(self, key: str, content: bytes) -> None:
        """Store a whole object; the store checks it against a sum that is sent with it."""
        ...

    def put_large(self, key: str, source: BinaryIO, size_bytes: int) -> None:
        """Store an object in several requests, each tried again by itself; nothing shows before the last one."""
        ...

    def remove(self, key: str) -> None:
        """Remove an object; where there is none, nothing."""
        ...


def refused(status: int, code: str, may: str, absent: str = "no such object") -> StoreError:
    """Give what an answer with an HTTP status means.

    Args:
        status: The HTTP status.
        code: The store's own word for it, such as `SlowDown`.
        may: What the credential is to be allowed, such as `s3:GetObject`.
        absent: What a 404 means here.
    """
    said = f"HTTP {status} {code}".rstrip()
    if status == HTTPStatus.NOT_FOUND:
        return AbsentError(f"{absent} ({said})", "the name of one that is there")
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return StoreError(f"access is denied ({said})", f"a valid credential that has {may}")
    if status == HTTPStatus.PRECONDITION_FAILED:
        return ReplacedError(said)
    if status in MAY_PASS:
        return StoreError(f"the store does not serve now ({said})", "an answer; try again later", may_pass=True)
    return StoreError(f"the store refused the request ({said})", "a request that it takes")


def unreachable(error: Exception) -> StoreError:
    """Give what a connection that failed or was cut means; of the error only its type is told."""
    problem = f"no answer, or a part of one ({type(error).__name__})"
    return StoreError(problem, "a store that can be reached; try again later", may_pass=True)


def whole(content: bytes, length: int) -> bytes:
    """Give the content where it has the length that was asked for; a cut one is a StoreError that may pass."""
    if len(content) != length:
        raise StoreError(f"{len(content)} bytes came of {length}", "all of them; try again later", may_pass=True)
    return content


def parts_of(source: BinaryIO, part_bytes: int) -> Iterator[tuple[int, bytes]]:
    """Give a file's parts with their numbers, from 1."""
    number = 1
    while part := source.read(part_bytes):
        yield number, part
        number += 1
