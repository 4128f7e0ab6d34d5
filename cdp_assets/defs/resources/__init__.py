"""Makes the clients of the cloud's stores, from the resources of Dagster's own libraries; each kind has a module.

Those libraries take 1 to 3 s to import: each is imported when the first place of its kind is opened.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cdp_assets.config.location import AzureLocation, CloudLocation, GcsLocation, S3Location
from cdp_assets.exchange.locations import Secrets
from cdp_assets.hashing import sha256_of

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient
    from google.cloud.storage import Client
    from mypy_boto3_s3 import S3Client

ROLE_KEPT_S = 15 * 60
"""A role's login holds for an hour; a client of it is given out for the first quarter."""


class CloudClients:
    """Clients by account and secrets, each made once per process; what lies in one account shares its client."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[float, Any]] = {}
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[type[CloudClients], tuple[()]]:
        """Go to another process as one that has made none yet."""
        return CloudClients, ()

    def s3(self, location: S3Location, secrets: Secrets) -> S3Client:
        """Give a boto3 client."""
        from cdp_assets.defs.resources.s3 import s3_client

        keep_s = float("inf") if location.role_arn is None else ROLE_KEPT_S
        client: S3Client = self._kept(location, secrets, lambda: s3_client(location, secrets), keep_s)
        return client

    def azure(self, location: AzureLocation, secrets: Secrets) -> BlobServiceClient:
        """Give a client of a storage account."""
        from cdp_assets.defs.resources.azure import azure_client

        client: BlobServiceClient = self._kept(location, secrets, lambda: azure_client(location, secrets))
        return client

    def gcs(self, location: GcsLocation, secrets: Secrets) -> Client:
        """Give a client that acts as a service account."""
        from cdp_assets.defs.resources.gcs import gcs_client

        client: Client = self._kept(location, secrets, lambda: gcs_client(location, secrets))
        return client

    def _kept(
        self, location: CloudLocation, secrets: Secrets, make: Callable[[], Any], keep_s: float = float("inf")
    ) -> Any:
        """Give what was made for the same account and secrets before, unless that is too old."""
        account = location.model_dump(exclude={"bucket", "container", "prefix"})
        key = sha256_of([account, {field: secret.reveal() for field, secret in secrets.items()}])
        with self._lock:
            made_at, client = self._made.get(key, (0.0, None))
            if client is None or time.monotonic() - made_at > keep_s:
                made_at, client = self._made[key] = (time.monotonic(), make())
        return client
