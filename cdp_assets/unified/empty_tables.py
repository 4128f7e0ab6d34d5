"""Stops Stitch where a table that it reads has lost all of its records: everybody in it would lose their id."""

from __future__ import annotations

from collections.abc import Collection

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import CdpError


class EmptyTableError(CdpError):
    """A stitched table has no record."""


def refuse_empty(tenant: Tenant, filled: Collection[str]) -> None:
    """Raise EmptyTableError naming the stitched feeds without a record, but those that may have none.

    Args:
        tenant: Whose feeds they are.
        filled: The datasources that have a record.
    """
    feeds = [feed for feed in stitched_feeds(tenant) if feed.key not in tenant.stitch.allow_empty_tables]
    if empty := [str(feed.table) for feed in feeds if feed.datasource not in filled]:
        raise EmptyTableError(
            f"stitch: {', '.join(empty)}: no record, and everybody in it would lose their id. "
            "Expected records, or the feed in `allow_empty_tables` of stitch.yaml."
        )
