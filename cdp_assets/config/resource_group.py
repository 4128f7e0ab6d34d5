"""A resource group: databases that belong together, to limit whose data a user reads."""

from __future__ import annotations

from cdp_assets.config.base import Resource, affects


class ResourceGroup(Resource):
    """Databases; a user with resource groups reads data of these only."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    databases: tuple[str, ...] = affects("runtime")
