"""Makes clients of Google Cloud Storage from dagster-gcp's resource."""

from __future__ import annotations

import json
import os
from typing import Any

from dagster_gcp.gcs import GCSResource
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage import Client
from google.oauth2.service_account import Credentials

from cdp_assets.config.location import GcsLocation
from cdp_assets.errors import SecretError
from cdp_assets.exchange.locations import Secrets

SCOPE = "https://www.googleapis.com/auth/devstorage.read_write"

NO_TRACES = "DISABLE_GCS_PYTHON_CLIENT_OTEL_BUCKET_METADATA"
"""Else the client asks about each bucket in the background, for traces, with a permission that nobody needs here."""


class ServiceAccountResource(GCSResource):
    """Dagster's resource, acting as a service account rather than as the machine that this runs on."""

    service_account_json: str
    endpoint_url: str | None

    def get_client(self) -> Client:
        """Give a client of the account's own project."""
        info = json.loads(self.service_account_json)
        os.environ.setdefault(NO_TRACES, "true")
        options = None if self.endpoint_url is None else {"api_endpoint": self.endpoint_url}
        credentials: Any = Credentials.from_service_account_info(info, scopes=[SCOPE])  # type: ignore[no-untyped-call]
        return Client(project=info["project_id"], credentials=credentials, client_options=options)


def gcs_client(location: GcsLocation, secrets: Secrets) -> Client:
    """Give a client; raises SecretError for a service account's file that is none."""
    resource = ServiceAccountResource(
        service_account_json=secrets["service_account_json"].reveal(), endpoint_url=location.endpoint_url
    )
    try:
        return resource.get_client()
    except (ValueError, KeyError, TypeError, AttributeError, GoogleAuthError):
        raise SecretError(
            "service_account_json: not the key of a service account. Expected the whole JSON file that Google makes "
            "for a key, with client_email, private_key, project_id and token_uri."
        ) from None
