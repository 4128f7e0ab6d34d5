"""The tables by which a tenant steers Stitch: labels, bad values and nicknames, known by their tags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from cdp_assets.config.tagged import TaggedTable, tagged_tables
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigError
from cdp_assets.names import TableName

Purpose = Literal["sl", "blv", "nicknames"]
NEEDED: Mapping[Purpose, tuple[str, ...]] = {
    "sl": ("sl/label-id", "sl/partition-id", "sl/datasource", "sl/semantic", "sl/value"),
    "blv": ("blv/semantic", "blv/value"),
    "nicknames": ("nicknames/canonical-name", "nicknames/nickname", "nicknames/update-type"),
}
"""Tags without which a table says nothing."""
Place = Callable[..., str]


def steering_tables(tenant: Tenant, purpose: Purpose) -> list[TaggedTable]:
    """Give the feeds and custom domain tables that carry tags of a purpose, in order of their names."""
    return tagged_tables(tenant, purpose)


def steering_inputs(tenant: Tenant) -> tuple[TableName, ...]:
    """Give every table that Stitch reads beside its records."""
    return tuple({one.table: None for purpose in NEEDED for one in steering_tables(tenant, purpose)})


def steering_mistakes(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Give a mistake for each table that lacks a tag, and for each that is resolved as if its rows were people."""
    for purpose, needed in NEEDED.items():
        for one in steering_tables(tenant, purpose):
            if missing := [tag for tag in needed if tag not in one.columns]:
                text = f"tags of {purpose}/ without {', '.join(missing)}"
                yield ConfigError(where(one.kind, one.table.name), text, "a field with each of them")
            if one.table.name in tenant.stitch.stitched_tables:
                place = where("stitch", "stitch", "stitched_tables")
                yield ConfigError(place, f"{one.table.name} steers Stitch", "feeds whose records are people")
