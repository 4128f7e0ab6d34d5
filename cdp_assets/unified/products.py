"""SQL of Unified Product Catalog: every product that a feed of products tells of."""

from __future__ import annotations

from cdp_assets.config.catalog import product_feeds
from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.columns import PRODUCT, family_fields, selected


def catalog_sql(tenant: Tenant) -> str:
    """Give every product of every catalog feed: datasource, pk, then the documented columns."""
    parts = []
    for feed in product_feeds(tenant):
        chosen = ",\n  ".join(selected(family_fields(feed, "pc"), PRODUCT))
        parts.append(f"SELECT\n  '{feed.datasource}' AS datasource,\n  _pk AS pk,\n  {chosen}\nFROM {feed.table}")
    return "\nUNION ALL\n".join(parts)
