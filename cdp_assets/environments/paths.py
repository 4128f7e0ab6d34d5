"""Where a table's files are: the path that its owner already has for a definition, else a new one."""

from __future__ import annotations

from collections.abc import Mapping

from cdp_assets.names import TableName, table_path


def path_of(owned: Mapping[tuple[TableName, str], str], environment: str, table: TableName, fingerprint: str) -> str:
    """Give the path of a table's definition in an environment.

    A table that was promoted keeps the path under which the sandbox built it.
    """
    return owned.get((table, fingerprint)) or table_path(environment, table, fingerprint)
