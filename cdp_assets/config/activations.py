"""Which orchestrations a run sends: those that follow it, and those of a group that follows it or has its own start."""

from __future__ import annotations

from collections.abc import Iterator

from cdp_assets.config.orchestration import DataExport, Orchestration
from cdp_assets.config.tenant import Tenant
from cdp_assets.names import TableName, database_layer


def sent_after(tenant: Tenant, courier_group: str | None = None) -> list[Orchestration]:
    """Give what a full run sends, by name: automatic ones of no group, and groups that follow the courier group.

    Args:
        courier_group: Whose run it is; none for a run of everything, which no group follows.
    """
    grouped = {name for group in tenant.orchestration_groups.values() for name in group.orchestrations}
    following = {
        name
        for group in tenant.orchestration_groups.values()
        if group.follows(courier_group)
        for name in group.orchestrations
    }
    found = (one for _, one in sorted(tenant.orchestrations.items()) if one.mode == "automatic")
    return [one for one in found if one.name in following or one.name not in grouped]


def read_by(tenant: Tenant, order: Orchestration) -> Iterator[TableName]:
    """Give the query whose answer an orchestration sends, or the tables of its data export."""
    if order.query is not None:
        yield TableName("query", order.query)
    if order.data_export is not None:
        yield from tables_of(tenant.data_exports[order.data_export])


def tables_of(export: DataExport) -> list[TableName]:
    """Give a data export's tables, in the order in which they are sent."""
    return [TableName(database_layer(export.database), table) for table in export.tables]
