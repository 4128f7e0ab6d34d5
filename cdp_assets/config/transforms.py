"""SQL before Stitch: ingest queries over landed files, custom domain tables over domain tables."""

from __future__ import annotations

from cdp_assets.config.base import Resource, affects


class IngestQuery(Resource):
    """Spark SQL over a courier's files, one table per tag, before a feed sees them."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    sql: str = affects("data")


class CustomDomainTable(Resource):
    """Spark SQL over domain tables and other custom domain tables."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    tags: dict[str, tuple[str, ...]] = affects("data", {})
    """Column -> semantic tags."""
    sql: str = affects("data")
