"""What is sent is checked before it is planned: names, objects, templates, groups; each mistake with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from cdp_assets.config.activations import sent_after
from cdp_assets.config.delivery_rules import tells_apart
from cdp_assets.config.destination import DataTemplate
from cdp_assets.config.orchestration import DataExport, Orchestration, OrchestrationGroup
from cdp_assets.config.rules import tenant_mistakes
from tests.unit.environments.edits import TENANT, edited

TEMPLATE = TENANT.data_templates["daily_csv"].model_dump(mode="json") | {"name": "t", "filename": "{{list_name}}.csv"}
EXPORT = {"name": "both", "database": "customer_360", "tables": ["customer_360", "customer_attributes"]}
ORDER = {"name": "send_both", "data_export": "both", "data_template": "t"}
GROUP = {"name": "g", "orchestrations": ["send_both"]}


def tenant(template: dict[str, Any], order: dict[str, Any], export: dict[str, Any], group: dict[str, Any]) -> Any:
    """Give acme with a data export, what sends it and a group around it, each with other settings."""

    def edit(document: dict[str, Any]) -> None:
        document["data_templates"]["t"] = TEMPLATE | {"output": None} | template
        document["data_exports"]["both"] = EXPORT | export
        document["orchestrations"]["send_both"] = ORDER | order
        document["orchestration_groups"]["g"] = GROUP | group

    return edited(edit)


def told(
    template: dict[str, Any] | None = None,
    order: dict[str, Any] | None = None,
    export: dict[str, Any] | None = None,
    group: dict[str, Any] | None = None,
    change: Callable[[dict[str, Any]], object] | None = None,
) -> list[str]:
    made = tenant(template or {}, order or {}, export or {}, group or {})
    made = edited(change, made) if change is not None else made
    return [str(one) for one in tenant_mistakes(made, lambda _kind, _name: None)]


ROWS = {"split_rows": 50_000}
TEMPLATES: dict[str, tuple[dict[str, Any], str]] = {
    "malformed": (
        {"filename": "a_{{now|format'yyyy-mm-dd'}}"},
        "filename: position 9: `format'yyyy-mm-dd'` is not a filter. Expected format:'yyyy-MM-dd'.",
    ),
    "malformed inside": ({"table_filename": "{table_name}"}, "table_filename: position 1: a single or open brace"),
    "tables with one name": ({"table_filename": "x"}, "would give every table one name. Expected {{table_name}}"),
    "table in the whole": ({"filename": "{{list_name}}{{table_name}}"}, "`table_name` has no value for the whole"),
    "split files with one name": (ROWS, "would give every file of the split export one name"),
    "a split name without number": (
        ROWS | {"split_filename": "{{table_name}}"},
        "split_filename: would give every file of the split export one name. Expected {{file_number}} in it.",
    ),
    "a number where nothing is split": (
        {"filename": "{{list_name}}_{{file_number}}"},
        "filename: `file_number` has no value here",
    ),
    "a campaign's word": ({"filename": "{{campaign_name}}"}, "`campaign_name` has a value in campaigns only"),
    "one file of several tables": ({"output": "file"}, "t makes one file of several tables. Expected zip, tar, tgz."),
    "several tables split into archives": (
        ROWS | {"compression": "tgz", "filename": "{{list_name}}_{{file_number}}.tgz"},
        "t splits several tables into archives",
    ),
    "several tables split under one name": (
        ROWS | {"split_filename": "{{file_number}}.csv"},
        "t gives the files of several tables one name. Expected {{table_name}} in its `split_filename`.",
    ),
    "a credential that is absent": ({"pgp_credential": "partner"}, "pgp_credential: partner is absent"),
    "a destination that is absent": ({"destination": "nowhere"}, "destination: nowhere is absent"),
}


def test_what_is_right_has_no_mistake() -> None:
    """As a folder, an archive, split, in a group."""
    assert told() == []
    assert told({"compression": "tgz", "filename": "{{list_name}}.tgz"}, group={"after": "daily"}) == []
    assert told(ROWS | {"split_filename": "{{table_name}}_{{file_number}}.csv"}, group={"schedule": "0 9 * * *"}) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_cannot_be_is_told_with_what_is_right(name: str) -> None:
    change, message = TEMPLATES[name]
    found = told(change)
    assert any(message in one for one in found), found


def test_a_key_to_encrypt_to_is_one_of_a_pgp_credential() -> None:
    def login(document: dict[str, Any]) -> None:
        document["credentials"]["partner"] = {"name": "partner", "type": "s3", "secrets": {}}

    (found,) = told({"pgp_credential": "partner"}, change=login)
    assert "partner has no key to encrypt to. Expected a credential of type pgp with a `public_key`." in found


@pytest.mark.parametrize(
    ("secrets", "told_"),
    [
        (None, "signatures: no key to sign with. Expected `pgp_credential` with a `signing_key`."),
        (("public_key",), "signatures: partner has no key to sign with"),
        (("public_key", "signing_key"), None),
    ],
)
def test_signatures_beside_files_are_made_with_a_key(secrets: tuple[str, ...] | None, told_: str | None) -> None:
    def partner(document: dict[str, Any]) -> None:
        given = {field: f"secret://file/run/{field}.asc" for field in secrets or ("public_key",)}
        document["credentials"]["partner"] = {"name": "partner", "type": "pgp", "secrets": given}

    named = {} if secrets is None else {"pgp_credential": "partner"}
    found = told({"signatures": "beside", **named}, change=partner)
    assert len(found) == (told_ is not None)
    assert all(str(told_) in one for one in found), found


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ({"data_export": "bth"}, "data_export: bth is absent. Expected both."),
        ({"data_template": "tt"}, "data_template: tt is absent"),
        ({"data_export": None, "query": "nothing"}, "query: nothing is absent"),
        (
            {"data_template": "daily_csv"},
            "daily_csv gives the files of 2 orchestrations one name. Expected {{list_name}}",
        ),
    ],
)
def test_an_orchestration_names_what_there_is_and_what_stays_apart(order: dict[str, Any], message: str) -> None:
    assert any(message in one for one in told(order=order))


@pytest.mark.parametrize(
    ("named", "apart"),
    [
        ({"filename": "{{list_name}}.csv"}, True),
        ({"filename": "x.csv"}, False),
        (ROWS | {"filename": "{{list_name}}", "split_filename": "{{file_number}}.csv"}, False),
        (ROWS | {"filename": "x", "split_filename": "{{list_name}}_{{file_number}}.csv"}, True),
        (ROWS | {"filename": "x", "split_filename": "{{list_name}}_{{file_number}}.csv", "done_file": True}, False),
        (ROWS | {"filename": "{{file_number}}", "split_directory": "{{list_name}}"}, True),
    ],
)
def test_files_are_told_apart_by_every_name_that_they_really_get(named: dict[str, Any], apart: bool) -> None:
    """A split export's whole has a name of its own only for the done file."""
    assert (
        tells_apart(DataTemplate.model_validate(TEMPLATE | {"output": None, "done_file": False} | named), "list_name")
        is apart
    )


def test_a_draft_is_not_sent() -> None:
    def draft(document: dict[str, Any]) -> None:
        document["queries"]["lifecycle_summary"]["status"] = "draft"

    assert any("lifecycle_summary is a draft. Expected an active query." in one for one in told(change=draft))


@pytest.mark.parametrize(
    ("export", "message"),
    [
        (
            {"tables": ["customer_360", "custmer"]},
            "data_exports/both.yaml, tables.1: custmer is absent. Expected customer",
        ),
        ({"database": "c360"}, "data_exports/both.yaml, database: c360 is absent"),
    ],
)
def test_a_data_export_names_tables_of_a_database(export: dict[str, Any], message: str) -> None:
    assert any(message in one for one in told(export=export))


@pytest.mark.parametrize(
    ("group", "message"),
    [
        ({"orchestrations": ["nobody"]}, "orchestrations.0: nobody is absent"),
        ({"orchestrations": ["send_both", "send_both"]}, "send_both would be sent several times"),
        ({"after": "dayly"}, "after: dayly is absent. Expected daily."),
        ({"schedule": "every day"}, "schedule: not a cron schedule"),
        ({"time_zone": "Mars"}, "time_zone: Mars: no such time zone"),
    ],
)
def test_a_group_starts_by_something_that_there_is(group: dict[str, Any], message: str) -> None:
    assert any(message in one for one in told(group=group))


def test_a_group_sends_automatic_orchestrations_after_full_runs() -> None:
    assert any("send_both is sent by hand" in one for one in told(order={"mode": "manual"}))

    def refresh(document: dict[str, Any]) -> None:
        document["courier_groups"]["daily"]["run_type"] = "refresh"

    assert any("daily sends nothing" in one for one in told(group={"after": "daily"}, change=refresh))
    assert told(group={"after": "daily", "schedule": "0 9 * * *"}, change=refresh) == []


def test_a_full_run_sends_what_is_in_no_group_and_the_groups_that_follow_it() -> None:
    alone = ["send_high_value_customers", "send_lifecycle_summary"]
    for group, sent in (
        ({"after": "daily"}, [(None, alone), ("daily", ["send_both", *alone])]),
        ({"after": "daily", "active": False}, [("daily", alone)]),
        ({"schedule": "0 9 * * *"}, [(None, alone), ("daily", alone)]),
        ({"schedule": "0 9 * * *", "after": "daily"}, [(None, alone), ("daily", alone)]),
    ):
        made = tenant({}, {}, {}, group)
        for courier_group, names in sent:
            assert [one.name for one in sent_after(made, courier_group)] == names


@pytest.mark.parametrize(
    ("model", "values", "message"),
    [
        (Orchestration, {"query": "q", "data_export": "e"}, "either `query` or `data_export`"),
        (Orchestration, {}, "either `query` or `data_export`"),
        (DataExport, {"database": "d", "tables": []}, "at least 1 item"),
        (DataExport, {"database": "d", "tables": ["a", "a"]}, "each table once"),
        (OrchestrationGroup, {"after": "a", "offset": "1 hour"}, "`offset` only with a `schedule`"),
        (OrchestrationGroup, {"schedule": "0 9 * * *", "offset": "1 hour"}, "the courier group that it comes `after`"),
        (DataTemplate, {"split_rows": 50_000, "split_size_mb": 1}, "either `split_rows` or `split_size_mb`"),
        (DataTemplate, {"split_rows": 49_999}, "greater than or equal to 50000"),
        (DataTemplate, {"split_size_mb": 2_001}, "less than or equal to 2000"),
        (DataTemplate, {"split_directory": "x"}, "`split_rows` or `split_size_mb` beside"),
        (DataTemplate, {"compression": "tar", "output": "file"}, "`output` only where nothing is split"),
        (DataTemplate, {"remote_folder": "in"}, "`/` and folders"),
        (DataTemplate, {"remote_folder": "/a/../b"}, "`/` and folders"),
        (DataTemplate, {"remote_folder": "/to acme"}, "a space written as"),
    ],
)
def test_settings_that_exclude_each_other_are_refused(model: Any, values: dict[str, Any], message: str) -> None:
    needed = {"name": "x", "data_template": "t", "orchestrations": ["o"]} | {"destination": "d", "filename": "f"}
    needed = {name: value for name, value in needed.items() if name in model.model_fields} | values
    if model is DataTemplate:
        needed["format"] = {"kind": "csv"}
    with pytest.raises(ValidationError, match=message):
        model.model_validate(needed)


def test_a_remote_folder_is_written_as_documented() -> None:
    values = TEMPLATE | {"remote_folder": "/to\\ acme/in"}
    assert DataTemplate.model_validate(values).folder == "to acme/in"
    assert DataTemplate.model_validate(TEMPLATE).folder == ""
