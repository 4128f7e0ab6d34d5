"""A plan as people and as policy tools read it."""

from __future__ import annotations

import dataclasses
import json

import pytest

from cdp_assets.environments.diff import SENSITIVE, FieldChange, ResourceChange
from cdp_assets.environments.plan import Check, Drift, Plan, PlannedChange, read_plan
from cdp_assets.environments.plan_text import markdown, render
from cdp_assets.errors import StalePlanError

RETYPED = PlannedChange(
    ResourceChange(
        "feed.shop_orders",
        "update",
        (FieldChange("fields.amount.type", "float", "decimal", "data"),),
        {"source": "shop", "name": "orders", "fields": [{"name": "amount", "type": "float"}]},
        {"source": "shop", "name": "orders", "fields": [{"name": "amount", "type": "decimal"}]},
    ),
    "breaking",
    "changes column amount (float -> decimal)",
)
GROWN = PlannedChange(
    ResourceChange(
        "feed.shop_orders",
        "update",
        (FieldChange("fields.size", None, {"name": "size", "required": True}, "data"),),
        {},
        {},
    ),
    "breaking",
    "requires column size",
)
GONE = PlannedChange(
    ResourceChange("query.buyers", "delete", (FieldChange("name", "buyers", None, "metadata"),), {"name": "buyers"}),
    "breaking",
    "what it does stops",
)
SECRET = PlannedChange(
    ResourceChange(
        "credential.sftp",
        "update",
        (FieldChange("secrets", SENSITIVE, SENSITIVE, "secret"),),
        {"type": "sftp", "secrets": SENSITIVE},
        {"type": "sftp", "secrets": SENSITIVE},
    ),
    "metadata",
    "runs differently; no table changes",
)
EMPTY = Plan("production", "files", "l", 1, "r", None, "ann", "2026-11-20T10:00:00+00:00", {})


def plan(*changes: PlannedChange, checks: tuple[Check, ...] = (), drift: tuple[Drift, ...] = ()) -> Plan:
    return dataclasses.replace(EMPTY, changes=changes, checks=checks, drift=drift)


def test_a_field_in_a_list_of_records_has_its_own_line() -> None:
    assert render(plan(RETYPED)).splitlines()[5:10] == [
        "  # feed.shop_orders will be updated in-place",
        "  # (breaking: changes column amount (float -> decimal))",
        "  ~ feed.shop_orders",
        '      ~ fields.amount.type: "float" -> "decimal"',
        "      # (2 unchanged attributes hidden)",
    ]


def test_a_record_that_is_added_is_shown_on_its_line() -> None:
    assert '      + fields.size: {name: "size", required: true}' in render(plan(GROWN)).splitlines()


def test_of_long_texts_the_lines_that_differ_are_shown() -> None:
    before = "SELECT\n  a,\n  b\nFROM t\n"
    field = FieldChange("sql", before, before.replace("  b\n", "  b,\n  c\n"), "data")
    change = PlannedChange(ResourceChange("query.q", "update", (field,), {}, {}), "non_breaking", "adds column c")
    lines = render(plan(change)).splitlines()
    at = lines.index("      ~ sql:")
    assert lines[at + 1 : at + 5] == ["          <   b", "          >   b,", "          >   c", ""]
    many = FieldChange("sql", "a\n" * 50, "b\n" * 50, "data")
    change = PlannedChange(ResourceChange("query.q", "update", (many,), {}, {}), "breaking", "its SQL changes")
    assert "          … 80 lines more" in render(plan(change)).splitlines()


@pytest.mark.parametrize(
    ("changes", "symbols"),
    [((RETYPED,), "~"), ((GROWN,), "+~"), ((GONE,), "-"), ((RETYPED, GONE), "~-"), ((GROWN, GONE), "+~-")],
)
def test_the_legend_has_the_symbols_that_occur_and_no_other(changes: tuple[PlannedChange, ...], symbols: str) -> None:
    lines = render(plan(*changes)).splitlines()
    assert [line.split()[0] for line in lines[1 : lines.index("")]] == list(symbols)
    used = {line.split()[0] for line in lines[lines.index("") :] if line.split()[:1] and line.split()[0] in "+~-"}
    assert used == set(symbols)


def test_what_is_destroyed_says_why_on_a_line_of_its_own() -> None:
    assert "  # (because query.buyers is not in configuration)" in render(plan(GONE)).splitlines()
    assert "not in configuration" not in render(plan(RETYPED))


def test_a_secret_is_a_mark_in_text_and_in_json() -> None:
    found = plan(SECRET)
    assert "      ~ secrets: (sensitive value) -> (sensitive value)" in render(found).splitlines()
    change = found.to_json()["resource_changes"][0]["change"]
    assert (change["before_sensitive"], change["after_sensitive"]) == ({"secrets": True}, {"secrets": True})


def test_json_has_terraforms_shape() -> None:
    deleted = plan(GONE).to_json()["resource_changes"][0]
    assert {name: deleted[name] for name in ("address", "type", "name", "action_reason")} == {
        "address": "query.buyers",
        "type": "query",
        "name": "buyers",
        "action_reason": "what it does stops",
    }
    shape = {"actions", "before", "after", "after_unknown", "before_sensitive", "after_sensitive", "fields"}
    assert deleted["change"].keys() == shape
    assert deleted["change"]["actions"] == ["delete"]
    assert deleted["change"]["before"] == {"name": "buyers"}
    assert deleted["change"]["after"] is None


def test_drift_has_the_shape_of_a_change() -> None:
    gone = Drift("table", "unified.customer", "version 3, which readers see, is gone", "delete", {"version": 3})
    (found,) = plan(drift=(gone,)).to_json()["resource_drift"]
    assert (found["address"], found["change"]["actions"]) == ("unified.customer", ["delete"])
    assert (found["change"]["before"], found["change"]["after"]) == ({"version": 3}, None)


def test_errors_stop_and_warnings_are_shown() -> None:
    error = Check("export_table", "orchestration.a", "reads b, which is absent. Expected c")
    found = plan(RETYPED, checks=(error, Check("query_fields", "query.q", "reads x, which is absent", "warning")))
    assert (found.errors, [one.address for one in found.warnings]) == ([error], ["query.q"])
    assert (found.to_json()["errored"], found.to_json()["applyable"]) == (True, False)
    assert plan(RETYPED).to_json()["applyable"]
    text = render(found)
    assert text.index("Warnings:") < text.index("query.q: ") < text.index("This plan cannot be applied:")
    assert ":no_entry: `orchestration.a`" in markdown(found)
    assert ":warning: `query.q`" in markdown(found)


def test_a_saved_plan_is_read_back_as_it_was_and_an_edited_one_is_not() -> None:
    drift = Drift("files", "stitch", "its file differs", "update", {"threshold": 3.0}, {"threshold": 4.0})
    found = plan(RETYPED, GROWN, GONE, SECRET, checks=(Check("a", "b", "c", "warning"),), drift=(drift,))
    document = json.loads(json.dumps(found.to_json()))
    assert read_plan(document) == found
    document["resource_changes"][0]["change"]["after_sensitive"] = {"fields": True}
    with pytest.raises(StalePlanError, match="edited"):
        read_plan(document)
