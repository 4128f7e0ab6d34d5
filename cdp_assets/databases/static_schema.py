"""A database whose columns must stay as they are: what a build would change, and the refusal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from cdp_assets.config.tenant import Tenant
from cdp_assets.databases.build import database_of
from cdp_assets.errors import ConfigError
from cdp_assets.names import DATABASE_PREFIX, TableName, sql_file

Types = Mapping[str, str]
"""Column -> Spark type."""


def is_static(tenant: Tenant, table: TableName) -> bool:
    """Say whether a table belongs to a database that enforces its schema."""
    database = database_of(tenant, table)
    return database is not None and database.enforce_static_schema


def refuse_changed_schema(table: TableName, before: Types, after: Types) -> None:
    """Raise ConfigError with what would change, unless a table has the columns and types that are published."""
    if changes := list(schema_changes(before, after)):
        database = table.layer.removeprefix(DATABASE_PREFIX)
        raise ConfigError(
            sql_file(table),
            f"the schema of {database} is static, and would change: {'; '.join(changes)}",
            f"the columns that are published, or `enforce_static_schema: false` in databases/{database}/database.yaml",
        )


def schema_changes(before: Types, after: Types) -> Iterator[str]:
    """Say what differs between two schemas; the order of columns does not count.

    >>> list(schema_changes({"a": "int", "b": "string"}, {"a": "bigint", "c": "date"}))
    ['a is bigint, was int', 'b (string) is gone', 'c (date) is new']
    """
    for name, kind in before.items():
        if name not in after:
            yield f"{name} ({kind}) is gone"
        elif after[name] != kind:
            yield f"{name} is {after[name]}, was {kind}"
    yield from (f"{name} ({kind}) is new" for name, kind in after.items() if name not in before)
