"""The port to whoever makes the clients of the cloud's stores; `defs.resources` does, from Dagster's resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from cdp_assets.config.location import AzureLocation, GcsLocation, S3Location
from cdp_assets.secrets import Secret

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient
    from google.cloud.storage import Client
    from mypy_boto3_s3 import S3Client

Secrets = Mapping[str, Secret]
"""Field of a credential, such as `password`, -> its value."""


class Clients(Protocol):
    """Makes clients that send each request once; what opens a location tries again.

    Each method may be asked as often as wanted: the same account and secrets give the same client. Secrets that no
    client can be made of are a SecretError.
    """

    def s3(self, location: S3Location, secrets: Secrets) -> S3Client:
        """Give a client whose login holds for another quarter of an hour; one of a role may have to ask for it."""
        ...

    def azure(self, location: AzureLocation, secrets: Secrets) -> BlobServiceClient:
        """Give a client of the account."""
        ...

    def gcs(self, location: GcsLocation, secrets: Secrets) -> Client:
        """Give a client that acts as the service account."""
        ...
