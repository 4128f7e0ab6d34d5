"""What differs between two tenants: resource by resource, field by field, also inside records and lists of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from cdp_assets.config.base import affected_by
from cdp_assets.config.resources import head_fields, resources
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.merge import IDENTITIES

Action = Literal["create", "update", "delete"]
SENSITIVE = "(sensitive value)"
Document = dict[str, Any]


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
    before: Document | None = None
    """The whole resource as it is, defaults left out, a mark where a secret is."""
    after: Document | None = None

    @property
    def unchanged(self) -> int:
        """How many of its fields stay as they are."""
        before, after = self.before or {}, self.after or {}
        return sum(name in after and after[name] == value for name, value in before.items())


def tenant_diff(before: Tenant | None, after: Tenant) -> list[ResourceChange]:
    """Give every resource that differs, by address such as `feed.ecom_customers`; equal tenants give nothing."""
    old, new = (resources(before) if before else {}), resources(after)
    changes = []
    for address in sorted(old.keys() | new.keys()):
        was, is_ = old.get(address), new.get(address)
        if was == is_:
            continue
        action: Action = "create" if was is None else "delete" if is_ is None else "update"
        documents = (None if one is None else masked(one) for one in (was, is_))
        changes.append(ResourceChange(address, action, tuple(_fields(was, is_)), *documents))
    return changes


def masked(value: Any) -> Any:
    """Give a model as plain values without its defaults, each secret replaced by a mark."""
    if isinstance(value, BaseModel):
        model = type(value)
        return {
            _called(model, name): SENSITIVE if affected_by(model, name) == "secret" else masked(getattr(value, name))
            for name in _names(model)
            if name == "kind" or getattr(value, name) != model.model_fields[name].default
        }
    if isinstance(value, tuple):
        return [masked(inner) for inner in value]
    if isinstance(value, dict):
        return {key: masked(inner) for key, inner in value.items()}
    return value


def marks(value: Any) -> Any:
    """Say where a masked value holds a secret: true there, `{}` or `[]` around what holds none.

    >>> marks({"credential": "(sensitive value)", "location": {"host": "x"}})
    {'credential': True, 'location': {}}
    """
    if isinstance(value, dict):
        found = {name: marks(inner) for name, inner in value.items()}
        return {name: inner for name, inner in found.items() if inner is not False}
    if isinstance(value, list):
        found_inside = [marks(inner) for inner in value]
        return found_inside if any(found_inside) else []
    return value == SENSITIVE


def _names(model: type[BaseModel]) -> list[str]:
    return head_fields() if model is Tenant else list(model.model_fields)


def _called(model: type[BaseModel], name: str) -> str:
    """Give the name by which files call a field."""
    return model.model_fields[name].alias or name


def _fields(before: BaseModel | None, after: BaseModel | None) -> Iterator[FieldChange]:
    model = type(after) if after is not None else type(before)
    assert issubclass(model, BaseModel)  # noqa: S101 - at least one side exists
    for name in _names(model):
        was = getattr(before, name, None) if before is not None else None
        now = getattr(after, name, None) if after is not None else None
        if was != now:
            yield from _values(_called(model, name), was, now, affected_by(model, name))


def _values(path: str, was: Any, now: Any, what: str) -> Iterator[FieldChange]:
    """Give what differs between two values of a field, as deep as both can be told apart."""
    if what == "secret":
        yield FieldChange(path, SENSITIVE if was else None, SENSITIVE if now else None, what)
    elif isinstance(was, BaseModel) and isinstance(now, BaseModel) and type(was) is type(now):
        yield from (_below(path, change) for change in _fields(was, now))
    elif isinstance(was, dict) and isinstance(now, dict):
        yield from _entries(path, was, now, what)
    elif (records := _keyed(was, now)) is not None:
        yield from _entries(path, *records, what)
        old, new = ([name for name in side if name in records[0].keys() & records[1].keys()] for side in records)
        if old != new:
            yield FieldChange(f"{path}.(order)", old, new, what)
    else:
        yield FieldChange(path, masked(was), masked(now), what)


def _entries(path: str, was: Mapping[str, Any], now: Mapping[str, Any], what: str) -> Iterator[FieldChange]:
    for key in [*was, *(key for key in now if key not in was)]:
        if was.get(key) != now.get(key):
            yield from _values(f"{path}.{key}", was.get(key), now.get(key), what)


def _keyed(was: Any, now: Any) -> tuple[dict[str, BaseModel], dict[str, BaseModel]] | None:
    """Give two lists of records by what tells their elements apart; nothing for other values."""
    sides = [() if side is None else side for side in (was, now)]
    if not all(isinstance(side, tuple) and all(isinstance(one, BaseModel) for one in side) for side in sides):
        return None
    every = [one for side in sides for one in side]
    names = next((names for names in IDENTITIES if all(hasattr(one, names[0]) for one in every)), None)
    if names is None or not every:
        return None
    old, new = ({_identity(one, names): one for one in side} for side in sides)
    return (old, new) if len(old) + len(new) == len(every) else None


def _identity(record: BaseModel, names: tuple[str, ...]) -> str:
    return "/".join(str(value) for name in names if (value := getattr(record, name)) is not None)


def _below(name: str, change: FieldChange) -> FieldChange:
    return FieldChange(f"{name}.{change.path}", change.before, change.after, change.affects)
