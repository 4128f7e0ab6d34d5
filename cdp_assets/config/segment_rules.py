"""What segments must hold to beyond their own types: the database, and the tables that they read."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cdp_assets.config.known import absent, nearest_known
from cdp_assets.config.segment import Segment
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigError

Place = Callable[..., str]


def segment_mistakes(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Give a mistake for every database and table that a segment reads and that is absent, with its place."""
    for segment in tenant.segments.values():
        if segment.database in tenant.databases:
            yield from _tables(segment, tenant, where)
        else:
            yield absent(where("segments", segment.name, "database"), segment.database, tenant.databases)


def _tables(segment: Segment, tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    known = tenant.databases[segment.database].tables
    read: list[tuple[tuple[str | int, ...], str]] = [(("people",), segment.people)]
    read += [((*path, "attribute"), rule.table) for path, rule in segment.rules.placed(("rules",))]
    for path, table in read:
        if table not in known:
            place = where("segments", segment.name, *path)
            yield ConfigError(place, f"{table} is no table of {segment.database}", nearest_known(table, known))
