"""What differs between two tenants: resource by resource, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from cdp_assets.config.base import affected_by
from cdp_assets.config.resources import head_fields, resources
from cdp_assets.config.tenant import Tenant

Action = Literal["create", "update", "delete"]
SENSITIVE = "(sensitive value)"


@dataclass(frozen=True)
class FieldChange:
    """One field before and after; a secret's values are replaced by a mark."""

    path: str
    before: Any
    after: Any
    affects: str


@dataclass(frozen=True)
class ResourceChange:
    """One resource that would be created, updated or deleted."""

    address: str
    action: Action
    fields: tuple[FieldChange, ...]


def tenant_diff(before: Tenant | None, after: Tenant) -> list[ResourceChange]:
    """Give every resource that differs, by address such as `feed.ecom_customers`; equal tenants give nothing."""
    old, new = (resources(before) if before else {}), resources(after)
    changes = []
    for address in sorted(old.keys() | new.keys()):
        was, is_ = old.get(address), new.get(address)
        if was == is_:
            continue
        action: Action = "create" if was is None else "delete" if is_ is None else "update"
        changes.append(ResourceChange(address, action, tuple(_fields(was, is_))))
    return changes


def _fields(before: BaseModel | None, after: BaseModel | None) -> Iterator[FieldChange]:
    model = type(after) if after is not None else type(before)
    assert issubclass(model, BaseModel)  # noqa: S101 - at least one side exists
    for name in head_fields() if model is Tenant else model.model_fields:
        was = getattr(before, name, None) if before is not None else None
        now = getattr(after, name, None) if after is not None else None
        if was == now:
            continue
        what = affected_by(model, name)
        if what == "secret":
            yield FieldChange(name, SENSITIVE if was else None, SENSITIVE if now else None, what)
        elif isinstance(was, BaseModel) and isinstance(now, BaseModel) and type(was) is type(now):
            yield from (_below(name, change) for change in _fields(was, now))
        elif isinstance(was, dict) and isinstance(now, dict):
            yield from _entries(name, was, now, what)
        else:
            yield FieldChange(name, _plain(was), _plain(now), what)


def _entries(name: str, was: dict[str, Any], now: dict[str, Any], what: str) -> Iterator[FieldChange]:
    for key in sorted(was.keys() | now.keys()):
        old, new = was.get(key), now.get(key)
        if isinstance(old, BaseModel) and isinstance(new, BaseModel):
            yield from (_below(f"{name}.{key}", change) for change in _fields(old, new))
        elif old != new:
            yield FieldChange(f"{name}.{key}", _plain(old), _plain(new), what)


def _below(name: str, change: FieldChange) -> FieldChange:
    return FieldChange(f"{name}.{change.path}", change.before, change.after, change.affects)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_defaults=True)
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return value
