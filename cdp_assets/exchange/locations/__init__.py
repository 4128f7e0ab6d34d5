"""Places that files come from and go to: one module per kind, all behind the port `Location`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from cdp_assets.config.location import CloudLocation, LocalLocation, SftpLocation
from cdp_assets.config.location import Location as LocationConfig
from cdp_assets.exchange.locations.clients import Clients, Secrets
from cdp_assets.exchange.locations.local import LocalFolder
from cdp_assets.exchange.locations.port import Location, RemoteFile

__all__ = ["LOCATIONS", "Clients", "LocalFolder", "Location", "RemoteFile", "Secrets", "open_location"]

Opener = Callable[[LocationConfig, Path, Secrets, Clients | None], Location]
NO_SECRETS: Secrets = MappingProxyType({})


def _local(config: LocationConfig, root: Path, secrets: Secrets, clients: Clients | None) -> Location:
    assert isinstance(config, LocalLocation)  # noqa: S101 - the tag of the union
    return LocalFolder.below(root, config.path)


def _sftp(config: LocationConfig, root: Path, secrets: Secrets, clients: Clients | None) -> Location:
    from cdp_assets.exchange.locations.sftp import SftpFolder

    assert isinstance(config, SftpLocation)  # noqa: S101 - the tag of the union
    return SftpFolder(config, secrets)


def _cloud(config: LocationConfig, root: Path, secrets: Secrets, clients: Clients | None) -> Location:
    from cdp_assets.exchange.locations.cloud import open_cloud

    assert isinstance(config, CloudLocation)  # noqa: S101 - the tag of the union
    assert clients is not None  # noqa: S101 - whoever opens an environment's places brings them
    return open_cloud(config, secrets, clients)


LOCATIONS: dict[str, Opener] = {"local": _local, "sftp": _sftp, "s3": _cloud, "azure": _cloud, "gcs": _cloud}
"""Kind -> what opens it; the library of a kind is imported when the first of its kind is opened."""


def open_location(
    config: LocationConfig, root: Path, secrets: Secrets = NO_SECRETS, clients: Clients | None = None
) -> Location:
    """Give the location that a courier or destination names; nothing is connected to before it is used.

    Args:
        config: The location's configuration.
        root: The environment's drop folder or outbox, which local locations stay below.
        secrets: What its credential holds in this environment (`environments.outside` resolves it).
        clients: What makes the clients of the cloud's stores; other kinds do without.
    """
    return LOCATIONS[config.kind](config, root, secrets, clients)
