"""Makes clients of Azure storage accounts from dagster-azure's resource."""

from __future__ import annotations

import contextlib

from azure.storage.blob import BlobServiceClient
from dagster_azure.blob import (
    AzureBlobStorageKeyCredential,
    AzureBlobStorageResource,
    AzureBlobStorageSASTokenCredential,
)

from cdp_assets.config.location import AzureLocation
from cdp_assets.errors import SecretError
from cdp_assets.exchange.locations import Secrets

_OPEN = contextlib.ExitStack()
"""Keeps clients open until the process ends; the resource gives each for a block only."""


def azure_client(location: AzureLocation, secrets: Secrets) -> BlobServiceClient:
    """Give a client with an account's key or a SAS token; raises SecretError for a malformed connection string."""
    if "connection_string" in secrets:
        url, key, token = _parsed(secrets["connection_string"].reveal())
    else:
        url = location.account_url or ""
        key, token = (secrets[field].reveal() if field in secrets else None for field in ("account_key", "sas_token"))
    credential = (
        AzureBlobStorageKeyCredential(key=key) if key is not None else AzureBlobStorageSASTokenCredential(token=token)
    )
    client = _OPEN.enter_context(AzureBlobStorageResource(account_url=url, credential=credential).get_client())
    return client


def _parsed(connection_string: str) -> tuple[str, str | None, str | None]:
    """Give the account's address, key and token.

    https://learn.microsoft.com/en-us/azure/storage/common/storage-configure-connection-string
    """
    found = dict(part.split("=", 1) for part in connection_string.strip().split(";") if "=" in part)
    account, key, token = found.get("AccountName"), found.get("AccountKey"), found.get("SharedAccessSignature")
    protocol, suffix = found.get("DefaultEndpointsProtocol", "https"), found.get("EndpointSuffix", "core.windows.net")
    url = found.get("BlobEndpoint") or (account and f"{protocol}://{account}.blob.{suffix}")
    if not url or not (key or token):
        raise SecretError(
            "connection_string: no account, or no key to it. Expected one as the Azure portal shows it, with "
            "AccountName and AccountKey, or BlobEndpoint and SharedAccessSignature."
        )
    return url, key, token
