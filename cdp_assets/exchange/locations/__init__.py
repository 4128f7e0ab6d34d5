"""Places that files come from and go to: one module per kind, all behind the port `Location`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cdp_assets.config.location import Location as LocationConfig
from cdp_assets.exchange.locations.local import LocalFolder
from cdp_assets.exchange.locations.port import Location, RemoteFile

__all__ = ["LOCATIONS", "LocalFolder", "Location", "RemoteFile", "open_location"]


def _local(config: LocationConfig, root: Path) -> Location:
    return LocalFolder.below(root, config.path)


LOCATIONS: dict[str, Callable[[LocationConfig, Path], Location]] = {"local": _local}


def open_location(config: LocationConfig, root: Path) -> Location:
    """Give the location that a courier or destination names.

    Args:
        config: The location's configuration.
        root: The environment's drop folder or outbox, which local locations stay below.
    """
    return LOCATIONS[config.kind](config, root)
