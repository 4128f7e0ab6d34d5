"""A store whose files are read where they lie: what a worker needs to open it for itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from cdp_assets.config.location import CloudLocation
from cdp_assets.exchange.locations import Clients, Secrets
from cdp_assets.exchange.locations.cloud import open_cloud
from cdp_assets.exchange.locations.objects import ObjectLocation
from cdp_assets.secrets import Secret


@dataclass(frozen=True)
class Store:
    """A courier's bucket or container, and what it is opened with; `secrets` stay out of whatever is printed."""

    location: CloudLocation
    secrets: Secrets
    clients: Clients
    """Makes clients wherever it is taken to."""

    def spelled_secrets(self) -> bytes:
        """Give the secrets as bytes, to be sealed."""
        return json.dumps({field: secret.reveal() for field, secret in self.secrets.items()}).encode()

    def sealed(self, secrets: Callable[[], bytes]) -> SealedStore:
        """Give the store as it goes to the workers: without its secrets, which `secrets` gives there."""
        return SealedStore(self.location, secrets, self.clients)


@dataclass(frozen=True)
class SealedStore:
    """A store whose secrets only a worker can read."""

    location: CloudLocation
    secrets: Callable[[], bytes]
    clients: Clients

    def open(self) -> ObjectLocation:
        """Open it, on a worker."""
        secrets = {field: Secret(value) for field, value in json.loads(self.secrets()).items()}
        return open_cloud(self.location, secrets, self.clients)
