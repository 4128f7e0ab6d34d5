"""A database: tables for analysts."""

from __future__ import annotations

from typing import Literal

from cdp_assets.config.base import ConfigModel, Resource, affects


class DatabaseColumn(ConfigModel):
    """What a database says about one column."""

    unique: bool = affects("runtime", False)
    """`db/unique`: no value twice; NULL is ignored, the empty string is counted."""
    required: bool = affects("runtime", False)
    """`db/required`: no NULL."""
    personal: bool | None = affects("metadata", None)
    """Overrides what lineage says about the column; only towards personal."""
    description: str = affects("metadata", "")


class DatabaseTable(Resource):
    """One table of a database."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    mode: Literal["passthrough", "sql"] = affects("data", "sql")
    source: str | None = affects("data", None)
    """For a pass-through: the table, as `layer.name`."""
    sql: str | None = affects("data", None)
    columns: dict[str, DatabaseColumn] = affects("metadata", {})


class Database(Resource):
    """A set of tables, validated together."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    template: Literal["customer_360", "stitch_qa", "passthrough", "none"] = affects("metadata", "none")
    tables: dict[str, DatabaseTable] = affects("data", {})
