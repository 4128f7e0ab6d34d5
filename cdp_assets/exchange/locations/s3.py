"""A bucket of Amazon S3, or of a store that speaks its language, through a boto3 client."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Any, BinaryIO

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    IncompleteReadError,
)

from cdp_assets.exchange.in_order import in_order
from cdp_assets.exchange.locations.object_store import (
    PART_BYTES,
    PARTS_AT_ONCE,
    Page,
    Pinned,
    StoredObject,
    StoreError,
    parts_of,
    refused,
    unreachable,
    whole,
)
from cdp_assets.exchange.locations.s3_sums import S3Sums
from cdp_assets.exchange.patience import PATIENT, Patience, tried

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef, HeadObjectOutputTypeDef

PAGE_SIZE = 1_000
MOST_PARTS = 10_000


class S3Bucket:
    """Requests to one bucket, each by the client that `client` gives then: one of a role has a login that ends."""

    def __init__(
        self,
        client: Callable[[], S3Client],
        bucket: str,
        *,
        patience: Patience = PATIENT,
        part_bytes: int = PART_BYTES,
        page_size: int = PAGE_SIZE,
    ) -> None:
        self._client, self._bucket = client, bucket
        self.url, self.patience, self.part_bytes = f"s3://{bucket}", patience, part_bytes
        self._page_size = page_size

    def page(self, prefix: str, following: str | None) -> Page:
        """Give up to 1,000 objects."""
        after: Any = {} if following is None else {"ContinuationToken": following}
        with self._may("s3:ListBucket") as client:
            answer = client.list_objects_v2(Bucket=self._bucket, Prefix=prefix, MaxKeys=self._page_size, **after)
        found = answer.get("Contents", ())
        objects = tuple(
            StoredObject(one["Key"], one["Size"], one["LastModified"].astimezone(UTC), one["ETag"]) for one in found
        )
        return Page(objects, answer.get("NextContinuationToken"))

    def first(self, key: str, length: int) -> tuple[Pinned, bytes]:
        """Give an object's version by its ETag, and its first bytes."""
        try:
            with self._may("s3:GetObject") as client:
                answer = client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes=0-{length - 1}")
                content = answer["Body"].read()
        except _EmptyError:
            return Pinned("", 0, None), b""
        size_bytes = int(answer["ContentRange"].rpartition("/")[2])
        told = S3Sums(self._told(key), size_bytes).of(answer, is_plain=not self._bucket.endswith("--x-s3"))
        return Pinned(answer["ETag"], size_bytes, told), whole(content, min(length, size_bytes))

    def part(self, key: str, pinned: Pinned, start: int, length: int) -> bytes:
        """Give bytes of the version with that ETag."""
        span = f"bytes={start}-{start + length - 1}"
        with self._may("s3:GetObject") as client:
            answer = client.get_object(Bucket=self._bucket, Key=key, Range=span, IfMatch=pinned.version)
            return whole(answer["Body"].read(), length)

    def put(self, key: str, content: bytes) -> None:
        """Store an object that fits one request."""
        with self._may("s3:PutObject") as client:
            client.put_object(Bucket=self._bucket, Key=key, Body=content, ContentMD5=_md5(content))

    def put_large(self, key: str, source: BinaryIO, size_bytes: int) -> None:
        """Store an object by a multi-part upload, which is given up whole where a part of it cannot be sent."""
        upload = tried(lambda: self._begin(key), self.patience, f"{self.url}/{key}")
        part_bytes = max(self.part_bytes, -(-size_bytes // MOST_PARTS))

        def send(part: tuple[int, bytes]) -> CompletedPartTypeDef:
            return tried(lambda: self._send(key, upload, *part), self.patience, f"{self.url}/{key}, part {part[0]}")

        try:
            sent = list(in_order(send, parts_of(source, part_bytes), PARTS_AT_ONCE))
            tried(lambda: self._finish(key, upload, sent), self.patience, f"{self.url}/{key}")
        except BaseException:
            self._give_up(key, upload)
            raise

    def remove(self, key: str) -> None:
        """Remove an object; the store says the same where there is none."""
        with self._may("s3:DeleteObject") as client:
            client.delete_object(Bucket=self._bucket, Key=key)

    def _told(self, key: str) -> Callable[[int | None], HeadObjectOutputTypeDef]:
        """Give what asks what the store tells of an object, or of one of the parts in which it came."""

        def head(part: int | None) -> HeadObjectOutputTypeDef:
            of_part: Any = {} if part is None else {"PartNumber": part}
            with self._may("s3:GetObject") as client:
                return client.head_object(Bucket=self._bucket, Key=key, ChecksumMode="ENABLED", **of_part)

        return head

    def _begin(self, key: str) -> str:
        with self._may("s3:PutObject") as client:
            return client.create_multipart_upload(Bucket=self._bucket, Key=key)["UploadId"]

    def _send(self, key: str, upload: str, number: int, content: bytes) -> CompletedPartTypeDef:
        with self._may("s3:PutObject") as client:
            answer = client.upload_part(
                Bucket=self._bucket,
                Key=key,
                UploadId=upload,
                PartNumber=number,
                Body=content,
                ContentMD5=_md5(content),
            )
        return {"PartNumber": number, "ETag": answer["ETag"]}

    def _finish(self, key: str, upload: str, parts: list[CompletedPartTypeDef]) -> None:
        with self._may("s3:PutObject") as client:
            client.complete_multipart_upload(
                Bucket=self._bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": parts}
            )

    def _give_up(self, key: str, upload: str) -> None:
        """Have the parts removed; where even that is refused, the bucket's rule for old uploads does it."""
        with contextlib.suppress(StoreError), self._may("s3:AbortMultipartUpload") as client:
            client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)

    @contextlib.contextmanager
    def _may(self, action: str) -> Iterator[S3Client]:
        """Give a client for one request, which the credential needs an action's permission for."""
        with _refusals("sts:AssumeRole of the role"):
            client = self._client()
        with _refusals(action):
            yield client


class _EmptyError(Exception):
    """The first byte was asked of an object that has none."""


@contextlib.contextmanager
def _refusals(may: str) -> Iterator[None]:
    """Make of boto3's errors a StoreError that says what the credential needs."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        if code == "InvalidRange":
            raise _EmptyError from None
        absent = "no such bucket" if code == "NoSuchBucket" else "no such object"
        raise refused(status, code, may, absent) from None
    except (ConnectionError, HTTPClientError, IncompleteReadError) as error:
        raise unreachable(error) from None
    except BotoCoreError as error:
        raise StoreError(f"cannot be asked ({type(error).__name__})", "a usable credential and region") from None


def _md5(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()
