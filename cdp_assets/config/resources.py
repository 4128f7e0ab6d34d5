"""A tenant as resources: each has an address such as `feed.ecom_customers`, and a document of plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cdp_assets.config.base import ConfigModel
from cdp_assets.config.database import Database
from cdp_assets.config.tenant import Tenant

HEAD = "tenant"
STITCH = "stitch"
MERGE_POLICY = "merge_policy"
SINGLE = (STITCH, MERGE_POLICY)
"""Resources of which a tenant has one, each in a file of its own beside `tenant.yaml`."""
DATABASE_TABLE = "database_table"

Documents = Mapping[str, dict[str, Any]]
"""Address -> the resource's values, defaults included, under the names that files use."""


def kind_of(folder: str) -> str:
    """Give the kind of resource that a folder holds.

    >>> kind_of("feeds"), kind_of("ingest_queries")
    ('feed', 'ingest_query')
    """
    return folder.removesuffix("ies") + "y" if folder.endswith("ies") else folder.removesuffix("s")


def folders() -> dict[str, str]:
    """Give each kind of resource and the tenant's field, which is also the folder, that holds it."""
    named = (name for name, field in Tenant.model_fields.items() if str(field.annotation).startswith("dict["))
    return {kind_of(name): name for name in named}


def head_fields() -> list[str]:
    """Give the fields of `tenant.yaml`."""
    return [name for name in Tenant.model_fields if name not in (*SINGLE, *folders().values())]


def resources(tenant: Tenant) -> dict[str, ConfigModel]:
    """Give every resource of a tenant by its address; a database's tables are resources of their own."""
    head = Tenant(**{name: getattr(tenant, name) for name in head_fields()})
    found: dict[str, ConfigModel] = {HEAD: head, **{name: getattr(tenant, name) for name in SINGLE}}
    for kind, folder in folders().items():
        for name, resource in getattr(tenant, folder).items():
            if isinstance(resource, Database):
                found[f"{kind}.{name}"] = resource.model_copy(update={"tables": {}})
                tables = resource.tables.items()
                found |= {f"{DATABASE_TABLE}.{name}.{table}": definition for table, definition in tables}
            else:
                found[f"{kind}.{name}"] = resource
    return found


def documents(tenant: Tenant) -> dict[str, dict[str, Any]]:
    """Give every resource's document."""
    found = {address: one.model_dump(mode="json", by_alias=True) for address, one in resources(tenant).items()}
    found[HEAD] = {name: found[HEAD][name] for name in head_fields()}
    for address, document in found.items():
        if address.startswith("database."):
            del document["tables"]
    return found


def tenant_of(found: Documents) -> Tenant:
    """Give the tenant of documents: the inverse of `documents`. Raises pydantic's ValidationError."""
    values: dict[str, Any] = {**found[HEAD], **{name: found.get(name, {}) for name in SINGLE}}
    for kind, folder in folders().items():
        prefix = f"{kind}."
        values[folder] = {
            address.removeprefix(prefix): dict(document)
            for address, document in found.items()
            if address.startswith(prefix)
        }
    for name, database in values["databases"].items():
        prefix = f"{DATABASE_TABLE}.{name}."
        database["tables"] = {
            address.removeprefix(prefix): document for address, document in found.items() if address.startswith(prefix)
        }
    return Tenant.model_validate(values)
