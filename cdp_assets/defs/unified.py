"""Assets of custom domain tables, unified tables, databases and segments: one Spark SQL statement each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import dagster as dg

from cdp_assets.audiences.segments.membership import segment_sql
from cdp_assets.config.catalog import Table
from cdp_assets.config.tenant import Tenant
from cdp_assets.databases.build import database_sql
from cdp_assets.defs.platform import Revision
from cdp_assets.defs.step import sql_table
from cdp_assets.names import DATABASE_PREFIX
from cdp_assets.transforms.custom import custom_sql
from cdp_assets.unified.tables import unified_sql

KINDS = {"spark", "deltalake"}


def _custom(tenant: Tenant, table: Table) -> str:
    return custom_sql(tenant, table.name.name)


def _unified(tenant: Tenant, table: Table) -> str:
    return unified_sql(tenant, table.name)


def _database(tenant: Tenant, table: Table) -> str:
    return database_sql(tenant, table.name.layer.removeprefix(DATABASE_PREFIX), table.name.name)


def _segment(tenant: Tenant, table: Table) -> str:
    return segment_sql(tenant.segments[table.name.name])


SQL_OF: Mapping[str, Callable[[Tenant, Table], str]] = {
    "custom": _custom,
    "unified": _unified,
    "database": _database,
    "segment": _segment,
}
"""Where the SQL of each kind of table comes from. Domain, Stitch and query tables are not one statement."""


def sql_assets(revision: Revision) -> list[dg.AssetsDefinition]:
    """Make the assets of every SQL table that this environment builds itself."""
    return [
        sql_table(revision, table, SQL_OF[table.kind](revision.tenant, table), KINDS)
        for table in revision.catalog.ordered()
        if table.kind in SQL_OF and table.name not in revision.shared and not is_stitch_output(table)
    ]


def is_stitch_output(table: Table) -> bool:
    """Say whether Stitch itself writes this table, such as unified_scores."""
    return table.kind == "stitch"
