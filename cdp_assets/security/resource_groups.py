"""Keeps users to the data of their resource groups' databases, and others out of databases that are not for all."""

from __future__ import annotations

from collections.abc import Iterator

from cdp_assets.config.catalog import Catalog, build_catalog
from cdp_assets.config.policy import DATAGRID_ADMINISTRATOR
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.user import User
from cdp_assets.names import DATABASE_PREFIX, LAYERS, TableName
from cdp_assets.security.standard import DATA

EVERYONE = "everyone"


def outside_groups(person: User, action: str, resource: str, tenant: Tenant) -> str | None:
    """Say what of `resource` a user's resource groups, or its database's `access`, keep from them; None for nothing.

    Data is looked at alone: running queries, seeing personal values, exports. A query counts as the tables that
    it reads, an orchestration as its query or its data export. To a user with resource groups a table of no database
    lies outside, and so does an unknown query.
    """
    if action not in DATA:
        return None
    groups = [tenant.resource_groups[name] for name in person.resource_groups if name in tenant.resource_groups]
    allowed = {database for group in groups for database in group.databases}
    for layer in _layers(resource.rpartition(":")[2], tenant):
        name = layer.removeprefix(DATABASE_PREFIX) if layer.startswith(DATABASE_PREFIX) else ""
        if person.resource_groups and name not in allowed:
            return f"{layer} is outside the resource groups {', '.join(person.resource_groups)}"
        access = tenant.databases[name].access if name in tenant.databases else EVERYONE
        if access == "admins" and DATAGRID_ADMINISTRATOR not in person.policies:
            return f"the database {name} is for administrators alone"
        if access == "resource_group" and name not in allowed:
            return f"the database {name} is for its resource groups alone"
    return None


def _layers(address: str, tenant: Tenant) -> Iterator[str]:
    """Give the layers whose data a resource shows; an environment as a whole shows none."""
    kind, _, name = address.partition(".")
    if kind.startswith(DATABASE_PREFIX):
        yield kind
    elif kind in ("database", "database_table"):
        yield DATABASE_PREFIX + name.partition(".")[0]
    elif kind == "campaign" and name in tenant.campaigns:
        for segment in tenant.campaigns[name].segments:
            yield from _layers(f"segment.{segment}", tenant)
    elif kind in ("query", "segment"):
        yield from _read_by(TableName(kind, name), build_catalog(tenant))
    elif kind == "orchestration" and name in tenant.orchestrations:
        order = tenant.orchestrations[name]
        sent = f"query.{order.query}" if order.query is not None else f"data_export.{order.data_export}"
        yield from _layers(sent, tenant)
    elif kind == "data_export" and name in tenant.data_exports:
        yield DATABASE_PREFIX + tenant.data_exports[name].database
    elif kind in LAYERS or kind == "orchestration":
        yield address


def _read_by(query: TableName, catalog: Catalog) -> Iterator[str]:
    table = catalog.tables.get(query)
    if table is None:
        yield str(query)
        return
    for source in table.inputs:
        if source.layer == query.layer:
            yield from _read_by(source, catalog)
        else:
            yield source.layer
