"""Fingerprints: one hash of everything that affects a table's data, and of nothing else."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from cdp_assets.cache import remembered
from cdp_assets.config.base import affected_by
from cdp_assets.config.catalog import (
    ATTRIBUTES,
    FISCAL_CALENDAR,
    Kind,
    Table,
    build_catalog,
    dialect_of,
    feeds_of_family,
    stitched_feeds,
)
from cdp_assets.config.feed import Feed
from cdp_assets.config.sql_facts import sql_facts
from cdp_assets.config.tenant import Tenant
from cdp_assets.hashing import sha256_of
from cdp_assets.names import TableName

ALGORITHM = 1
"""Raised when the hashing itself changes, so that a change of ours never looks like a tenant's."""
KIND_CODE_VERSION: dict[Kind, int] = {
    "domain": 2,
    "custom": 1,
    "stitch": 6,
    "unified": 3,
    "database": 1,
    "segment": 1,
    "campaign": 1,
    "query": 2,
}
"""Raised by hand when the code that makes a kind of table gives other rows for the same definition."""

SETTING_OF = {ATTRIBUTES: "attribute_sets", FISCAL_CALENDAR: "fiscal_calendar"}
"""Unified table -> the one setting of the tables about orders that decides on its rows."""


@remembered
def fingerprints(tenant: Tenant) -> Mapping[TableName, str]:
    """Give the fingerprint of every table of a tenant: its own data fields, its inputs' fingerprints, the code.

    Descriptions, schedules, thresholds and secrets move none. An added column of a feed does: the files that
    have landed may hold it, so they are loaded again.
    """
    found: dict[TableName, str] = {}
    for table in build_catalog(tenant).ordered():
        found[table.name] = sha256_of(
            [
                ALGORITHM,
                table.kind,
                str(table.name),
                KIND_CODE_VERSION[table.kind],
                _definition(tenant, table),
                [found[name] for name in sorted(table.inputs)],
            ]
        )
    return found


def _definition(tenant: Tenant, table: Table) -> Any:
    if table.kind == "domain" and isinstance(table.definition, Feed):
        return [data_fields(table.definition), loads_of(tenant, table.definition)]
    if table.kind == "stitch":
        settings = data_fields(tenant.stitch) | {"one_to_one": tenant.stitch.is_one_to_one}
        return [settings, [_tags(feed) for feed in stitched_feeds(tenant)]]
    if table.kind == "unified":
        values = data_fields(table.definition) if table.definition is not None else {}
        told = data_fields(tenant.transactions).get(SETTING_OF.get(table.name, ""))
        return [[_tags(feed) for feed in _tagged_feeds(tenant)], values, told]
    values = data_fields(table.definition) if table.definition is not None else {}
    if table.sql is not None:
        values["sql"] = sql_facts(table.sql, dialect_of(table), str(table.name)).canonical
    return values


def loads_of(tenant: Tenant, feed: Feed) -> list[Any]:
    """Give what decides on how a feed's files are read, courier by courier."""
    return _loads(tenant).get(feed.key, [])


@remembered
def _loads(tenant: Tenant) -> Mapping[str, list[Any]]:
    """Give the loads of every feed, by its key."""
    found: dict[str, list[Any]] = {}
    for _, courier in sorted(tenant.couriers.items()):
        for operation in courier.load:
            files = [data_fields(courier.file(tag)) for tag in operation.tags]
            told: list[Any] = [data_fields(operation), *files]
            if operation.query is not None:
                sql = tenant.ingest_queries[operation.query].sql
                told.append(sql_facts(sql, "spark", operation.query).canonical)
            found.setdefault(operation.feed, []).append(told)
    return found


def _tagged_feeds(tenant: Tenant) -> list[Feed]:
    feeds: Iterable[Feed] = (
        *stitched_feeds(tenant),
        *(feed for wanted in ("txn-item", "pc", "fiscal") for feed in feeds_of_family(tenant, wanted)),
    )
    return list({feed.key: feed for feed in feeds}.values())


def _tags(feed: Feed) -> Any:
    return [
        feed.datasource,
        [[field.name, field.type, list(field.tags)] for field in feed.fields if field.tags],
    ]


def data_fields(model: BaseModel) -> dict[str, Any]:
    """Give a model's fields that affect data or schema, defaults included, as JSON-like values."""
    return {name: _plain(getattr(model, name)) for name in _data_fields(type(model))}


@functools.cache
def _data_fields(model: type[BaseModel]) -> tuple[str, ...]:
    return tuple(name for name in model.model_fields if affected_by(model, name) in ("data", "schema"))


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return data_fields(value)
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value
