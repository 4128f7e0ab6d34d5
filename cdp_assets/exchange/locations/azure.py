"""A container of Azure Blob Storage, through an azure-storage-blob client."""

from __future__ import annotations

import contextlib
import hashlib
import uuid
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, BinaryIO

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.storage.blob import BlobBlock, BlobProperties, BlobServiceClient, BlobType, ContentSettings

from cdp_assets.exchange.in_order import in_order
from cdp_assets.exchange.locations.object_store import (
    PART_BYTES,
    PARTS_AT_ONCE,
    Hasher,
    Page,
    Pinned,
    StoredObject,
    StoreError,
    Sum,
    parts_of,
    refused,
    unreachable,
    whole,
)
from cdp_assets.exchange.patience import PATIENT, Patience, tried

MOST_PARTS = 50_000
PAGE_SIZE = 5_000
TIMEOUT_S = 60.0
"""How long the account is waited for, per answer."""
AS_STORED: dict[str, Any] = {"decompress": False}
"""Else what was stored as gzip arrives as something else, with another length."""


class AzureContainer:
    """Requests to one container."""

    def __init__(
        self,
        client: BlobServiceClient,
        container: str,
        *,
        patience: Patience = PATIENT,
        part_bytes: int = PART_BYTES,
        page_size: int = PAGE_SIZE,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self._client = client.get_container_client(container)
        self.url = f"{client.scheme}://{client.primary_hostname}/{container}"  # the client's own holds the SAS token
        self.patience, self.part_bytes = patience, part_bytes
        self._page_size = page_size
        # The client's own tries again wait 15 s before the first; ours are `Patience`.
        self._once: dict[str, Any] = {"retry_total": 0, "connection_timeout": timeout_s, "read_timeout": timeout_s}

    def page(self, prefix: str, following: str | None) -> Page:
        """Give up to 5,000 blobs. A folder of a hierarchical account is listed as an empty blob, and left out."""
        with _refusals("List"):
            found = self._client.list_blobs(
                prefix or None, include=["metadata"], results_per_page=self._page_size, **self._once
            )
            pages: Any = found.by_page(following)
            blobs = [blob for blob in next(pages, ()) if not _is_folder(blob)]
        objects = tuple(StoredObject(blob.name, blob.size, blob.last_modified, _quoted(blob.etag)) for blob in blobs)
        return Page(objects, pages.continuation_token or None)

    def first(self, key: str, length: int) -> tuple[Pinned, bytes]:
        """Give a blob's version by its ETag, and its first bytes."""
        try:
            with _refusals("Read"):
                answer = self._client.download_blob(key, 0, length, **self._once, **AS_STORED)
                content = answer.readall()
        except _EmptyError:
            return Pinned("", 0, None), b""
        found = answer.properties
        size_bytes = int(str(found.content_range).rpartition("/")[2])
        return Pinned(found.etag, size_bytes, _sum_of(found)), whole(content, min(length, size_bytes))

    def part(self, key: str, pinned: Pinned, start: int, length: int) -> bytes:
        """Give bytes of the version with that ETag."""
        version: dict[str, Any] = {"etag": pinned.version, "match_condition": MatchConditions.IfNotModified}
        with _refusals("Read"):
            return whole(
                self._client.download_blob(key, start, length, **version, **self._once, **AS_STORED).readall(), length
            )

    def put(self, key: str, content: bytes) -> None:
        """Store a blob that fits one request."""
        md5 = hashlib.md5(content, usedforsecurity=False).digest()
        with _refusals("Write"):
            self._client.upload_blob(
                key,
                content,
                length=len(content),
                overwrite=True,
                validate_content=True,
                content_settings=ContentSettings(content_md5=bytearray(md5)),
                **self._once,
            )

    def put_large(self, key: str, source: BinaryIO, size_bytes: int) -> None:
        """Store a blob by blocks. Blocks that are never committed are not listed, and Azure removes them in a week."""
        part_bytes = max(self.part_bytes, -(-size_bytes // MOST_PARTS))
        upload, md5 = uuid.uuid4().hex, hashlib.md5(usedforsecurity=False)

        def send(part: tuple[int, bytes]) -> str:
            what = f"{self.url}/{key}, part {part[0]}"
            return tried(lambda: self._send(key, f"{upload}-{part[0]:06}", part[1]), self.patience, what)

        parts = _summed(parts_of(source, part_bytes), md5)
        blocks = [BlobBlock(block) for block in in_order(send, parts, PARTS_AT_ONCE)]
        tried(lambda: self._finish(key, blocks, md5.digest()), self.patience, f"{self.url}/{key}")

    def remove(self, key: str) -> None:
        """Remove a blob, and its snapshots with it."""
        with _refusals("Delete"), contextlib.suppress(ResourceNotFoundError):
            self._client.delete_blob(key, delete_snapshots="include", **self._once)

    def _send(self, key: str, block: str, content: bytes) -> str:
        with _refusals("Write"):
            self._client.get_blob_client(key).stage_block(
                block, content, len(content), validate_content=True, **self._once
            )
        return block

    def _finish(self, key: str, blocks: list[BlobBlock], md5: bytes) -> None:
        settings = ContentSettings(content_md5=bytearray(md5))
        with _refusals("Write"):
            self._client.get_blob_client(key).commit_block_list(blocks, content_settings=settings, **self._once)


class _EmptyError(Exception):
    """The first byte was asked of a blob that has none."""


@contextlib.contextmanager
def _refusals(may: str) -> Iterator[None]:
    """Make of the client's errors a StoreError that says which permission the credential needs."""
    try:
        yield
    except (ServiceRequestError, ServiceResponseError) as error:
        raise unreachable(error) from None
    except HttpResponseError as error:
        code = getattr(error, "error_code", None) or ""
        code = str(getattr(code, "value", code))
        if error.status_code is None:
            raise unreachable(error) from None
        if error.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise _EmptyError from None
        absent = "no such container" if code == "ContainerNotFound" else "no such blob"
        raise refused(error.status_code, code, f"the permission {may}", absent) from None
    except AzureError as error:
        raise StoreError(f"cannot be asked ({type(error).__name__})", "a usable credential and account") from None


def _sum_of(found: BlobProperties) -> Sum | None:
    """Give the sum that was stored with a blob; one that is appended to keeps that of its beginning."""
    md5 = found.content_settings.content_md5
    return (
        Sum(bytes(md5), hashlib.md5(usedforsecurity=False)) if md5 and found.blob_type == BlobType.BLOCKBLOB else None
    )


def _quoted(etag: str) -> str:
    """Spell an ETag as every answer but a listing does, and as a condition must."""
    return f'"{etag.strip(chr(34))}"'


def _is_folder(blob: BlobProperties) -> bool:
    return (blob.metadata or {}).get("hdi_isfolder") == "true"


def _summed(parts: Iterator[tuple[int, bytes]], hasher: Hasher) -> Iterator[tuple[int, bytes]]:
    for part in parts:
        hasher.update(part[1])
        yield part
