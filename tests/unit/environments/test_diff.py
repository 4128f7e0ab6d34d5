"""The fields that differ between two tenants, down to a record's own, with secrets masked."""

from __future__ import annotations

from typing import Any

import pytest

from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.diff import SENSITIVE, ResourceChange, marks, tenant_diff
from tests.unit.environments.edits import TENANT, Edit, edited


def change(edit: Edit, before: Tenant = TENANT) -> ResourceChange:
    """Give the one resource that an edit changes."""
    (found,) = tenant_diff(before, edited(edit, before))
    return found


@pytest.mark.parametrize(
    ("edit", "fields"),
    [
        (
            lambda one: one["feeds"]["ecom_customers"]["fields"][1].update({"from": "x", "description": "y"}),
            [("fields.first_name.from", ..., "x"), ("fields.first_name.description", "", "y")],
        ),
        (
            lambda one: one["feeds"]["ecom_customers"]["fields"].append({"name": "size", "type": "integer"}),
            [("fields.size", None, {"name": "size", "type": "integer"})],
        ),
        (
            lambda one: one["couriers"]["ecom"]["location"].update(path="elsewhere"),
            [("location.path", "ecom", "elsewhere")],
        ),
        (
            lambda one: one["couriers"]["ecom"]["files"][0].update(optional=True),
            [("files.customers.optional", False, True)],
        ),
        (
            lambda one: one["courier_groups"]["daily"]["couriers"].pop(),
            [("couriers", ..., ...)],
        ),
        (
            lambda one: one["stitch"]["badvalues_config"][0].update(threshold=99),
            [("badvalues_config", ..., ...)],
        ),
    ],
)
def test_a_field_is_named_as_deep_as_it_can_be_told_apart(edit: Edit, fields: list[tuple[str, Any, Any]]) -> None:
    found = change(edit).fields
    assert [one.path for one in found] == [path for path, _, _ in fields]
    for one, (_, before, after) in zip(found, fields, strict=True):
        assert before in (one.before, ...)
        assert after in (one.after, ...)


def test_another_order_of_records_says_only_that() -> None:
    (found,) = change(lambda one: one["feeds"]["ecom_customers"]["fields"].reverse()).fields
    assert found.path == "fields.(order)"
    assert found.after == list(reversed(found.before))


def test_the_whole_resource_stands_beside_what_differs_of_it() -> None:
    found = change(lambda one: one["courier_groups"]["daily"].update(description="other"))
    assert found.before is not None
    assert found.after == found.before | {"description": "other"}
    assert found.unchanged == len(found.before) - 1
    made = next(one for one in tenant_diff(None, TENANT) if one.address == "feed.pos_shoppers")
    assert made.before is None
    assert made.after is not None
    assert made.after["primary_key"] == ["shopper_no"]


def test_a_secret_is_never_shown_only_that_it_changed() -> None:
    def with_secret(name: str) -> Edit:
        secrets = {"password": f"secret://env/{name}"}
        return lambda one: one["credentials"].update(sftp={"name": "sftp", "type": "sftp", "secrets": secrets})

    before = edited(with_secret("FIRST_ONE"))
    found = change(with_secret("SECOND_ONE"), before)
    assert [(one.path, one.before, one.after) for one in found.fields] == [("secrets", SENSITIVE, SENSITIVE)]
    assert found.before == found.after
    assert marks(found.after) == {"secrets": True}
    (made,) = tenant_diff(TENANT, before)
    assert "FIRST_ONE" not in str((made, found))
