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
    """What it was made from; its tables are its files and nothing else."""
    access: Literal["everyone", "resource_group", "admins"] = affects("runtime", "everyone")
    """Who may read its data, as far as their policies let them: all, those of its resource groups, administrators."""
    enforce_static_schema: bool = affects("runtime", False)
    """Whether a run that would change a published table's columns or types is refused."""
    tables: dict[str, DatabaseTable] = affects("data", {})
