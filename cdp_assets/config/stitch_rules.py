"""What Stitch's settings must hold to: feeds and sources that are there, and keys that one of their records has."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.known import nearest_known
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigError

Place = Callable[..., str]
EVERY_SOURCE = "*"
KEYS = ("fk-", "sk-")
DERIVED = frozenset({"sk-given-name", "sk-generational-suffix"})
"""Separation keys that every record has without a tag."""


def stitch_mistakes(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Give a mistake for each feed, source and key that the settings name and Stitch would look for in vain."""
    yield from _feeds(tenant, where)
    yield from _sources(tenant, where)
    yield from _keys(tenant, where)


def _feeds(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    for feed in tenant.stitch.stitched_tables:
        place = where("stitch", "stitch", "stitched_tables")
        if feed not in tenant.feeds:
            yield ConfigError(place, f"{feed}: no such feed", nearest_known(feed, tenant.feeds))
        elif not tenant.feeds[feed].available_to_stitch:
            yield ConfigError(place, f"{feed} is not available to Stitch", "`available_to_stitch: true` in the feed")
    for feed in tenant.stitch.allow_empty_tables:
        if feed not in tenant.stitch.stitched_tables:
            place = where("stitch", "stitch", "allow_empty_tables")
            yield ConfigError(place, f"{feed}: not stitched", nearest_known(feed, tenant.stitch.stitched_tables))


def _sources(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    known = {feed.datasource for feed in stitched_feeds(tenant)}
    for at, bad in enumerate(tenant.stitch.bad_values):
        if bad.datasource not in (EVERY_SOURCE, *known):
            place = where("stitch", "stitch", "bad_values", at, "datasource")
            yield ConfigError(place, f"{bad.datasource}: no stitched source", nearest_known(bad.datasource, known))


def _keys(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Give a mistake for each key without a tag: a rule about it would never hold, and nobody would be told."""
    tags = {tag for feed in stitched_feeds(tenant) for field in feed.fields for tag in field.tags}
    known = {tag for tag in tags if tag.startswith(KEYS)} | DERIVED
    for path, key in _named_keys(tenant):
        if key.startswith(KEYS) and key not in known:
            problem = f"{key}: no stitched feed has a field with this tag"
            yield ConfigError(where("stitch", "stitch", *path), problem, nearest_known(key, known))


def _named_keys(tenant: Tenant) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Give every semantic that the settings name where a key may be named, and where they do."""
    stitch = tenant.stitch
    for at, key in enumerate(stitch.case_sensitive_fks):
        yield ("case_sensitive_fks", at), key.replace("_", "-")
    for at, rule in enumerate(stitch.rules):
        yield from ((("rules", at, "semantics"), key) for key in rule.semantics)
    for at, bad in enumerate(stitch.badvalues_config):
        yield ("badvalues_config", at, "semantic"), bad.semantic
        yield ("badvalues_config", at, "proxy"), bad.proxy
