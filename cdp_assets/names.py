"""The one rule that ties an environment, a table, an asset key and a path together."""

from __future__ import annotations

import re
from dataclasses import dataclass

PRODUCTION = "production"
SANDBOX_PREFIX = "sandbox__"
SANDBOX_FILE = "sandbox.yaml"
"""What says that a folder is a sandbox's."""
DATABASE_PREFIX = "database__"
VERSION_COLUMN = "amperity_version"
"""What tells the versions of a database's table apart, in a query that asks for them."""
LAYERS = ("landing", "domain", "custom", "stitch", "unified", "database", "segment", "query", "export", "campaign")
"""The record's way; a database's tables live in the layer `database__<name>`."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


def is_name(text: str) -> bool:
    """Say whether `text` may name a resource: lower snake case, 1 to 100 characters, a letter first.

    >>> is_name("ecom_customers"), is_name("Ecom"), is_name("")
    (True, False, False)
    """
    return _NAME.fullmatch(text) is not None


def sandbox_environment(sandbox: str) -> str:
    """Give the environment name of a sandbox.

    >>> sandbox_environment("loyalty_v2")
    'sandbox__loyalty_v2'
    """
    return f"{SANDBOX_PREFIX}{sandbox}"


def database_layer(database: str) -> str:
    """Give the layer that holds a database's tables."""
    return f"{DATABASE_PREFIX}{database}"


@dataclass(frozen=True, order=True)
class TableName:
    """A logical table, the same in every environment: `layer.name`."""

    layer: str
    name: str

    def __str__(self) -> str:
        return f"{self.layer}.{self.name}"

    @classmethod
    def parse(cls, text: str) -> TableName:
        """Read `layer.name`; raises ValueError for anything else.

        >>> TableName.parse("unified.unified_coalesced").name
        'unified_coalesced'
        """
        layer, dot, name = text.partition(".")
        if not (dot and is_name(layer) and is_name(name)):
            msg = f"{text!r} is not a table name; expected layer.name in lower snake case"
            raise ValueError(msg)
        return cls(layer, name)


def asset_key_path(environment: str, table: TableName) -> list[str]:
    """Give the parts of a Dagster asset key: environment, layer, name."""
    return [environment, table.layer, table.name]


def table_path(environment: str, table: TableName, fingerprint: str) -> str:
    """Give a physical table's path below the lake's root; a changed fingerprint is another path.

    >>> table_path("production", TableName("domain", "orders"), "ab" * 32)
    'production/domain/orders/abababababababab'
    """
    return f"{environment}/{table.layer}/{table.name}/{fingerprint[:16]}"


def sql_file(table: TableName) -> str:
    """Give where a table's SQL, or the rules that it is made from, stand in its tenant's folder.

    >>> sql_file(TableName("query", "buyers")), sql_file(TableName("database__c360", "people"))
    ('queries/buyers.sql', 'databases/c360/people.sql')
    """
    if table.layer == "segment":
        return f"segments/{table.name}.yaml"
    folders = {"query": "queries", "custom": "custom_domain_tables"}
    folder = folders.get(table.layer, f"databases/{table.layer.removeprefix(DATABASE_PREFIX)}")
    return f"{folder}/{table.name}.sql"
