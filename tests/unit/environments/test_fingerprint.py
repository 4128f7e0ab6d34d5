"""What moves a table's fingerprint, and what does not: every field of every model, one at a time."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from cdp_assets.config.base import ConfigModel, affected_by
from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.errors import CdpError
from cdp_assets.home import REPOSITORY
from cdp_assets.names import TableName

TENANT = load_tenant(REPOSITORY / "tenant_config")
BEFORE = fingerprints(TENANT)


def models() -> set[type[ConfigModel]]:
    """Give every model that a tenant is made of."""
    found: set[type[ConfigModel]] = set()
    todo: list[Any] = [Tenant]
    while todo:
        kind = todo.pop()
        if isinstance(kind, type) and issubclass(kind, ConfigModel):
            if kind not in found:
                found.add(kind)
                todo += [field.annotation for field in kind.model_fields.values()]
        else:
            todo += typing.get_args(kind)
    return found


def changed(document: dict[str, Any], path: tuple[str | int, ...], value: Any) -> Tenant:
    """Give the tenant with one value changed."""
    copy = Tenant.model_validate(document).model_dump(mode="json", by_alias=True)
    place: Any = copy
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return Tenant.model_validate(copy)


def moved(tenant: Tenant) -> set[str]:
    """Give the tables whose fingerprint is another one."""
    return {str(name) for name, found in fingerprints(tenant).items() if BEFORE.get(name) != found}


def downstream(*names: str) -> set[str]:
    """Give tables and everything that reads them, directly or through others."""
    found = set(names)
    for table in build_catalog(TENANT).ordered():
        if {str(name) for name in table.inputs} & found:
            found.add(str(table.name))
    return found


DOCUMENT = TENANT.model_dump(mode="json", by_alias=True)


def test_every_field_of_every_model_says_what_it_affects() -> None:
    """A field that does not say would be forgotten by the fingerprint."""
    found = models()
    assert len(found) > 20
    for model in found:
        for field in model.model_fields:
            assert affected_by(model, field) in {"data", "schema", "metadata", "runtime", "secret"}


def scalar_fields(model: BaseModel, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str, Any]]:
    """Give path, effect and another value of every plain field of a model and of the models inside it."""
    for name, field in type(model).model_fields.items():
        value, key = getattr(model, name), field.alias or name
        effect = affected_by(type(model), name)
        if isinstance(value, BaseModel):
            yield from scalar_fields(value, (*path, key))
        elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            yield from scalar_fields(value[0], (*path, key, 0))
        elif (other := another(field.annotation, value)) is not None:
            yield (*path, key), effect, other


def another(annotation: Any, value: Any) -> Any:
    """Give a different valid value of a plain field, or nothing where none is easily made."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    literal = [choice for part in (annotation, *typing.get_args(annotation)) for choice in literals(part)]
    if literal:
        return next((choice for choice in literal if choice != value), None)
    if isinstance(value, str):
        return "'" if len(value) == 1 else value + "x"
    return "x" if value is None and annotation in (str | None, types.UnionType) else None


def literals(annotation: Any) -> tuple[Any, ...]:
    """Give the choices of a Literal."""
    return typing.get_args(annotation) if typing.get_origin(annotation) is typing.Literal else ()


PARTS = {
    ("feeds", "ecom_customers"): TENANT.feeds["ecom_customers"],
    ("couriers", "ecom"): TENANT.couriers["ecom"],
    ("courier_groups", "daily"): TENANT.courier_groups["daily"],
    ("stitch",): TENANT.stitch,
    ("queries", "high_value_customers"): TENANT.queries["high_value_customers"],
    ("segments", "high_value_lapsing"): TENANT.segments["high_value_lapsing"],
    ("campaigns", "win_back"): TENANT.campaigns["win_back"],
    ("custom_domain_tables", "email_opt_ins"): TENANT.custom_domain_tables["email_opt_ins"],
    ("destinations", "warehouse_folder"): TENANT.destinations["warehouse_folder"],
    ("data_templates", "daily_csv"): TENANT.data_templates["daily_csv"],
    ("orchestrations", "send_high_value_customers"): TENANT.orchestrations["send_high_value_customers"],
}
IDENTITY = {(*path, "name") for path in PARTS}
"""A resource's name is its file's; it is not changed in place."""
MADE_AVAILABLE = ("feeds", "ecom_customers", "available_to_stitch")


def is_valid(path: tuple[str | int, ...], value: Any) -> bool:
    """Say whether a tenant with this change still has tables: a type that a date pattern does not fit has none."""
    try:
        fingerprints(changed(DOCUMENT, path, value))
    except (ValueError, CdpError, KeyError):
        return False
    return True


CANDIDATES = [
    found for path, model in PARTS.items() for found in scalar_fields(model, path) if found[0] not in IDENTITY
]
CHANGES = [found for found in CANDIDATES if is_valid(found[0], found[2])]


def test_nearly_every_field_can_be_changed_alone() -> None:
    """The next test is about most fields, and about all that affect no data."""
    invalid = [(path, effect) for path, effect, value in CANDIDATES if (path, effect, value) not in CHANGES]
    assert len(CHANGES) > 60
    assert {effect for _, effect in invalid} <= {"data", "schema", "runtime"}
    assert len(invalid) < 25


@pytest.mark.parametrize(("path", "effect", "value"), CHANGES, ids=lambda part: str(part)[:60])
def test_only_what_affects_data_moves_a_fingerprint(path: tuple[str | int, ...], effect: str, value: Any) -> None:
    """Metadata, run settings and secrets move none; a data field moves its table and all below it, if any."""
    found = moved(changed(DOCUMENT, path, value))
    if effect in ("data", "schema") or path == MADE_AVAILABLE:
        assert found == downstream(*found)
    else:
        assert found == set()


def test_a_feed_that_leaves_stitch_moves_stitch_and_not_itself() -> None:
    """The feed's own table stays; who its people are does not."""
    found = moved(changed(DOCUMENT, MADE_AVAILABLE, False))
    assert "stitch.stitch_ids" in found
    assert "domain.ecom_customers" not in found


def test_a_changed_query_moves_itself_alone() -> None:
    """What reads nothing of it stays."""
    tenant = changed(DOCUMENT, ("queries", "high_value_customers", "sql"), "SELECT amperity_id FROM customer_360")
    assert moved(tenant) == {"query.high_value_customers"}


def test_comments_and_layout_of_sql_move_nothing() -> None:
    """The canonical spelling counts."""
    sql = TENANT.queries["high_value_customers"].sql
    tenant = changed(DOCUMENT, ("queries", "high_value_customers", "sql"), f"-- why\n{sql.replace('SELECT', 'select')}")
    assert moved(tenant) == set()


def test_a_feeds_type_moves_its_table_and_all_that_comes_from_it() -> None:
    """From the domain table to the queries."""
    fields = DOCUMENT["feeds"]["ecom_customers"]["fields"]
    at = next(place for place, field in enumerate(fields) if field["name"] == "gender")
    tenant = changed(DOCUMENT, ("feeds", "ecom_customers", "fields", at, "required"), True)
    assert moved(tenant) == downstream("domain.ecom_customers")
    assert "domain.pos_shoppers" not in moved(tenant)
    assert TableName("query", "lifecycle_summary") in fingerprints(tenant)
