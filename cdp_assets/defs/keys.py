"""The one rule that ties a table to its asset: key, group, op name, tags."""

from __future__ import annotations

import dagster as dg

from cdp_assets import names
from cdp_assets.names import TableName

TABLE_PRIORITY = "10"
PUBLISHED_PRIORITY = "-10"
"""Queries and exports read the publication that a run commits when its last table is written, so among
the steps that are ready every table goes first (Dagster runs the higher number first)."""


def asset_key(environment: str, table: TableName) -> dg.AssetKey:
    """Give the asset's key: environment, layer, name."""
    return dg.AssetKey(names.asset_key_path(environment, table))


def table_of(key: dg.AssetKey) -> TableName:
    """Give the table that an asset key names."""
    _, layer, name = key.path
    return TableName(layer, name)


def op_name(environment: str, table: TableName) -> str:
    """Give the op's name, unique in a code location."""
    return f"{environment}__{table.layer}__{table.name}"


def tags(environment: str, fingerprint: str | None) -> dict[str, str]:
    """Give the tags that every asset carries."""
    found = {"cdp/env": environment}
    return found | ({"cdp/fingerprint": fingerprint[:16]} if fingerprint else {})
