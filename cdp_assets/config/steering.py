"""The tables by which a tenant steers Stitch: labels, bad values and nicknames, known by their tags."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigError
from cdp_assets.names import TableName
from cdp_assets.semantics import family

Purpose = Literal["sl", "blv", "nicknames"]
NEEDED: Mapping[Purpose, tuple[str, ...]] = {
    "sl": ("sl/label-id", "sl/partition-id", "sl/datasource", "sl/semantic", "sl/value"),
    "blv": ("blv/semantic", "blv/value"),
    "nicknames": ("nicknames/canonical-name", "nicknames/nickname", "nicknames/update-type"),
}
"""Tags without which a table says nothing."""
Place = Callable[..., str]


@dataclass(frozen=True)
class SteeringTable:
    """A table whose rows steer Stitch, and the column of each tag."""

    table: TableName
    kind: str
    """The folder of the resource that makes the table."""
    columns: Mapping[str, str]


def steering_tables(tenant: Tenant, purpose: Purpose) -> list[SteeringTable]:
    """Give the feeds and custom domain tables that carry tags of a purpose, in order of their names."""
    found = [
        SteeringTable(table, kind, columns)
        for table, kind, tagged in _tagged(tenant)
        if (columns := {tag: column for tag, column in tagged if family(tag) == purpose})
    ]
    return sorted(found, key=lambda one: one.table)


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


def _tagged(tenant: Tenant) -> Iterator[tuple[TableName, str, Iterable[tuple[str, str]]]]:
    for feed in tenant.feeds.values():
        yield feed.table, "feeds", [(tag, field.name) for field in feed.fields for tag in field.tags]
    for name, custom in tenant.custom_domain_tables.items():
        tagged = [(tag, column) for column, tags in custom.tags.items() for tag in tags]
        yield TableName("custom", name), "custom_domain_tables", tagged
