"""Opens a bucket or container; the library of a store is imported when the first of its kind is opened."""

from __future__ import annotations

from cdp_assets.config.location import AzureLocation, CloudLocation, GcsLocation, S3Location
from cdp_assets.exchange.locations.clients import Clients, Secrets
from cdp_assets.exchange.locations.object_store import ObjectStore
from cdp_assets.exchange.locations.objects import ObjectLocation


def open_cloud(config: CloudLocation, secrets: Secrets, clients: Clients) -> ObjectLocation:
    """Give the location that lies in a store of the cloud; raises SecretError for secrets that make no client."""
    return ObjectLocation(_store(config, secrets, clients), config.prefix)


def _store(config: CloudLocation, secrets: Secrets, clients: Clients) -> ObjectStore:
    match config:
        case S3Location():
            from cdp_assets.exchange.locations.s3 import S3Bucket

            return S3Bucket(lambda: clients.s3(config, secrets), config.bucket)
        case AzureLocation():
            from cdp_assets.exchange.locations.azure import AzureContainer

            return AzureContainer(clients.azure(config, secrets), config.container)
        case GcsLocation():
            from cdp_assets.exchange.locations.gcs import GcsBucket

            return GcsBucket(clients.gcs(config, secrets), config.bucket)
