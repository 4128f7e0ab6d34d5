"""Places that files come from and go to: one module per kind, all behind the port `Location`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from cdp_assets.config.location import LocalLocation, SftpLocation
from cdp_assets.config.location import Location as LocationConfig
from cdp_assets.exchange.locations.local import LocalFolder
from cdp_assets.exchange.locations.port import Location, RemoteFile
from cdp_assets.secrets import Secret

__all__ = ["LOCATIONS", "LocalFolder", "Location", "RemoteFile", "Secrets", "open_location"]

Secrets = Mapping[str, Secret]
"""Field of a credential, such as `password`, -> its value."""
NO_SECRETS: Secrets = MappingProxyType({})


def _local(config: LocationConfig, root: Path, secrets: Secrets) -> Location:
    assert isinstance(config, LocalLocation)  # noqa: S101 - the tag of the union
    return LocalFolder.below(root, config.path)


def _sftp(config: LocationConfig, root: Path, secrets: Secrets) -> Location:
    from cdp_assets.exchange.locations.sftp import SftpFolder

    assert isinstance(config, SftpLocation)  # noqa: S101 - the tag of the union
    return SftpFolder(config, secrets)


LOCATIONS: dict[str, Callable[[LocationConfig, Path, Secrets], Location]] = {"local": _local, "sftp": _sftp}
"""Kind -> what opens it; the library of a kind is imported when the first of its kind is opened."""


def open_location(config: LocationConfig, root: Path, secrets: Secrets = NO_SECRETS) -> Location:
    """Give the location that a courier or destination names; nothing is connected to before it is used.

    Args:
        config: The location's configuration.
        root: The environment's drop folder or outbox, which local locations stay below.
        secrets: What its credential holds in this environment (`environments.outside` resolves it).
    """
    return LOCATIONS[config.kind](config, root, secrets)
