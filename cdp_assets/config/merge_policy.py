"""Which sources are trusted first where records of one person are equally complete."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from cdp_assets.config.base import Resource, affects

DEFAULT_PRIORITY = 999
"""The documented priority of a source that no merge policy ranks."""
DEFAULT_BRAND = "default"
"""The brand of a source that belongs to none in particular."""
RANKED = ("address", "birthdate", "email", "gender", "name", "phone")
"""The documented groups of fields that a policy may rank sources for."""

Priorities = dict[str, Annotated[int, Field(ge=1, le=DEFAULT_PRIORITY)]]
"""Feed, such as `ecom_customers`, -> its rank: 1 is trusted most, and equals are told apart by how new they are."""


class MergePolicy(Resource):
    """How Merged Customers chooses between sources: completion first, then these ranks, then the newest record."""

    sources: Priorities = affects("data", {})
    """The rank of a feed for every group of fields that does not rank it itself."""
    address: Priorities = affects("data", {})
    birthdate: Priorities = affects("data", {})
    email: Priorities = affects("data", {})
    gender: Priorities = affects("data", {})
    name: Priorities = affects("data", {})
    phone: Priorities = affects("data", {})
    brands: dict[str, str] = affects("data", {})
    """Feed -> the brand whose profiles its records are; any other feed's brand is `default`."""

    def priorities(self, group: str) -> Mapping[str, int]:
        """Give the rank of every feed that is ranked for a group: the group's own word, else the source's.

        >>> MergePolicy(sources={"shop": 2, "list": 3}, email={"list": 1}).priorities("email")
        {'shop': 2, 'list': 1}
        """
        return self.sources | (getattr(self, group) if group in RANKED else {})

    def feeds(self) -> Mapping[str, set[str]]:
        """Give the feeds that each field of the policy names."""
        return {name: set(getattr(self, name)) for name in ("sources", *RANKED, "brands")}
