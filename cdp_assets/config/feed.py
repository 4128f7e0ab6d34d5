"""A feed: what is in a file, and the domain table that it fills."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from cdp_assets.config.base import ConfigModel, Resource, affects
from cdp_assets.names import TableName

FieldType = Literal["boolean", "date", "datetime", "decimal", "float", "integer", "string"]


class FeedField(ConfigModel):
    """One column of the domain table."""

    name: str = affects("data")
    source: str | None = Field(default=None, alias="from", json_schema_extra={"affects": "data"})
    """The incoming column, or a dotted path into nested records; the name unless set. Letter case is ignored."""
    type: FieldType = affects("data", "string")
    pattern: str | None = affects("data", None)
    """A Joda pattern for dates and datetimes; unless set, the documented formats are tried in order."""
    scale: int = affects("data", 2, ge=0, le=37)
    """Digits after the point of a decimal; its precision is 38."""
    required: bool = affects("data", False)
    """Whether the incoming column must exist and hold a value in every row."""
    tags: tuple[str, ...] = affects("data", ())
    description: str = affects("metadata", "")

    @property
    def incoming(self) -> str:
        """The column or path that is looked for in the file."""
        return self.source or self.name


class Feed(Resource):
    """Maps a file's columns to a domain table: types, keys, semantic tags."""

    source: str = affects("data")
    name: str = affects("data")
    description: str = affects("metadata", "")
    fields: tuple[FeedField, ...] = affects("data")
    primary_key: tuple[str, ...] = affects("data")
    last_updated: str | None = affects("data", None)
    """An integer or datetime field; unless set, `_updated` is generated from file date, file and row."""
    error_threshold_percent: int = affects("runtime", 1, ge=0, le=100)
    """The share of bad rows allowed in a file; above it nothing of the file is loaded."""
    available_to_stitch: bool = affects("runtime", False)
    prevent_destroy: bool = affects("metadata", True)
    """A feed's table grows with every file: removing it takes two applies unless this says otherwise."""

    @property
    def key(self) -> str:
        """The feed's key in the tenant: `<source>_<name>`."""
        return f"{self.source}_{self.name}"

    @property
    def datasource(self) -> str:
        """The domain table's documented name, as unified tables show it: `<source>:<name>`."""
        return f"{self.source}:{self.name}"

    @property
    def table(self) -> TableName:
        """The logical domain table."""
        return TableName("domain", self.key)

    def tagged(self, tag: str) -> FeedField | None:
        """Give the first field that carries a tag."""
        return next((field for field in self.fields if tag in field.tags), None)
