"""A bucket of Google Cloud Storage, through a google-cloud-storage client."""

from __future__ import annotations

import base64
import contextlib
import io
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import google_crc32c
from google.api_core.exceptions import GoogleAPICallError, NotFound
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud.storage.exceptions import InvalidResponse
from requests.exceptions import RequestException
from urllib3.exceptions import HTTPError

from cdp_assets.exchange.locations.object_store import (
    PART_BYTES,
    AbsentError,
    Hasher,
    Page,
    Pinned,
    ReplacedError,
    StoredObject,
    StoreError,
    Sum,
    refused,
    unreachable,
    whole,
)
from cdp_assets.exchange.patience import PATIENT, Patience, tried

if TYPE_CHECKING:
    from google.cloud.storage import Blob, Client

T = TypeVar("T")

PAGE_SIZE = 1_000
PUT = "storage.objects.create"
CHUNK_BYTES = 1 << 20
CHUNK_MULTIPLE = 256 << 10
"""The parts of an upload are multiples of this, all but the last."""
LISTED = "items(name,size,timeCreated,generation),nextPageToken"
TIMEOUT_S = 60.0
"""How long the store is waited for, per answer."""
AS_STORED: dict[str, Any] = {"raw_download": True, "checksum": None}
"""Else what was stored as gzip is decompressed on its way, and a part of it is part of nothing."""


class GcsBucket:
    """Requests to one bucket."""

    def __init__(
        self,
        client: Client,
        bucket: str,
        *,
        patience: Patience = PATIENT,
        part_bytes: int = PART_BYTES,
        page_size: int = PAGE_SIZE,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._client, self._bucket = client, client.bucket(bucket)
        self.url, self.patience, self.part_bytes = f"gs://{bucket}", patience, part_bytes
        self._page_size, self._timeout_s = page_size, timeout_s
        # Requests are tried again by `Patience`, not by the client.
        self._once: dict[str, Any] = {"retry": None, "timeout": timeout_s}

    def page(self, prefix: str, following: str | None) -> Page:
        """Give up to 1,000 objects. An object counts as modified when its content was stored, not its metadata."""
        with _refusals("storage.objects.list", absent="no such bucket"):
            found = self._client.list_blobs(
                self._bucket,
                prefix=prefix or None,
                page_token=following,
                page_size=self._page_size,
                fields=LISTED,
                **self._once,
            )
            blobs = list(next(found.pages, ()))
        objects = tuple(StoredObject(blob.name, blob.size, blob.time_created, str(blob.generation)) for blob in blobs)
        return Page(objects, found.next_page_token or None)

    def first(self, key: str, length: int) -> tuple[Pinned, bytes]:
        """Give an object's version by its generation, and its first bytes: two requests, of one version or again."""
        blob = self._bucket.blob(key)
        with _refusals("storage.objects.get"):
            blob.reload(**self._once)
        told = Sum(base64.b64decode(blob.crc32c), _crc32c()) if blob.crc32c else None
        pinned = Pinned(str(blob.generation), blob.size, told)
        length = min(length, blob.size)
        try:
            return pinned, self.part(key, pinned, 0, length) if length else b""
        except ReplacedError as error:
            raise StoreError(error.problem, error.expected, may_pass=True) from None

    def part(self, key: str, pinned: Pinned, start: int, length: int) -> bytes:
        """Give bytes of the version with that generation, which is not there any more when another has replaced it."""
        blob = self._bucket.blob(key, generation=int(pinned.version))
        end = start + length - 1
        try:
            with _refusals("storage.objects.get"):
                content = blob.download_as_bytes(start=start, end=end, **AS_STORED, **self._once)
        except AbsentError as error:
            raise ReplacedError(error.problem) from None
        return whole(content, length)

    def put(self, key: str, content: bytes) -> None:
        """Store an object that fits one request."""
        source = io.BytesIO(content)
        blob = self._new(key, source)
        with _refusals(PUT):
            blob.upload_from_file(source, size=len(content), checksum=None, **self._once)

    def put_large(self, key: str, source: BinaryIO, size_bytes: int) -> None:
        """Store an object by a resumable upload, part after part; an upload that is not ended is not listed."""
        blob = self._new(key, source)
        blob.chunk_size = max(self.part_bytes // CHUNK_MULTIPLE, 1) * CHUNK_MULTIPLE
        blob.upload_from_file(source, checksum=None, retry=self._tried(key), timeout=self._timeout_s)

    def remove(self, key: str) -> None:
        """Remove an object."""
        with _refusals("storage.objects.delete"), contextlib.suppress(NotFound):
            self._bucket.blob(key).delete(**self._once)

    def _new(self, key: str, source: BinaryIO) -> Blob:
        """Give an object to be stored, with the content's sum: the store refuses any other content."""
        summed = _crc32c()
        while chunk := source.read(CHUNK_BYTES):
            summed.update(chunk)
        source.seek(0)
        blob = self._bucket.blob(key)
        blob.crc32c = base64.b64encode(summed.digest()).decode()
        return blob

    def _tried(self, key: str) -> Callable[[Callable[[], T]], Callable[[], T]]:
        """Give our patience in the form of the client's, which wraps each request of a resumable upload in it."""

        def wrapped(request: Callable[[], T]) -> Callable[[], T]:
            def once() -> T:
                with _refusals(PUT):
                    return request()

            return lambda: tried(once, self.patience, f"{self.url}/{key}")

        return wrapped


def _crc32c() -> Hasher:
    summed: Hasher = google_crc32c.Checksum()  # type: ignore[no-untyped-call]
    return summed


@contextlib.contextmanager
def _refusals(may: str, absent: str = "no such object") -> Iterator[None]:
    """Make of the client's errors a StoreError that says which permission the credential needs."""
    try:
        yield
    except GoogleAPICallError as error:
        raise refused(error.code or 0, "", may, absent) from None
    except InvalidResponse as error:
        raise refused(error.response.status_code, "", may, absent) from None
    except (RequestException, HTTPError, TransportError, ConnectionError) as error:
        raise unreachable(error) from None
    except GoogleAuthError as error:
        raise StoreError(f"cannot be asked ({type(error).__name__})", "a usable service account") from None
