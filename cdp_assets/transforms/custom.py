"""Custom domain tables: the tenant's Spark SQL over domain tables and each other."""

from __future__ import annotations

from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.names import TableName


def custom_sql(tenant: Tenant, name: str) -> str:
    """Give a custom domain table's SQL with every reference as `layer.name`."""
    table = TableName("custom", name)
    return build_catalog(tenant).qualified(tenant.custom_domain_tables[name].sql, "spark", table)
