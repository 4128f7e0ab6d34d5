"""The tables of a database: a pass-through of another table, or the tenant's Spark SQL."""

from __future__ import annotations

from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.database import Database
from cdp_assets.config.tenant import Tenant
from cdp_assets.names import DATABASE_PREFIX, TableName, database_layer


def database_sql(tenant: Tenant, database: str, name: str) -> str:
    """Give a database table's SQL with every reference as `layer.name`."""
    table = tenant.databases[database].tables[name]
    if table.mode == "passthrough":
        return f"SELECT * FROM {table.source}"
    return build_catalog(tenant).qualified(table.sql or "", "spark", TableName(database_layer(database), name))


def database_of(tenant: Tenant, table: TableName) -> Database | None:
    """Give the database that a table belongs to, or nothing where it belongs to none."""
    is_of_one = table.layer.startswith(DATABASE_PREFIX)
    return tenant.databases.get(table.layer.removeprefix(DATABASE_PREFIX)) if is_of_one else None


def passed_through(tenant: Tenant, table: TableName) -> TableName | None:
    """Give the table that a database's table passes through as it is, or nothing for any other table."""
    database = database_of(tenant, table)
    if database is None:
        return None
    found = database.tables[table.name]
    return TableName.parse(found.source) if found.mode == "passthrough" and found.source else None
