"""A segment that its database cannot answer is refused before anything runs, with the place in its file."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.said import tenant_of_files
from cdp_assets.environments.segment_checks import misfit_attributes
from cdp_assets.errors import ConfigErrors
from cdp_assets.home import REPOSITORY
from cdp_assets.names import TableName
from tests.unit.environments.edits import edited

TYPED = "SELECT customer_id AS amperity_id, email, dob, updated_at FROM domain.ecom_customers"


def misfits(rule: dict[str, Any], sql: str = TYPED) -> list[str]:
    """Give what is wrong with a segment over one table of known types."""

    def edit(document: dict[str, Any]) -> None:
        document["databases"]["customer_360"]["tables"]["typed"] = {"name": "typed", "sql": sql}
        document["segments"]["mine"] = {"name": "mine", "database": "customer_360", "people": "typed", "rules": rule}

    found = misfit_attributes(edited(edit), lambda kind, name, *path: f"{kind}/{name} {'.'.join(map(str, path))}")
    return [str(one) for one in found]


@pytest.mark.parametrize(
    ("rule", "mistake"),
    [
        (
            {"all": [{"attribute": "typed.emial", "operator": "is_null"}]},
            "segments/mine rules.all.0.attribute: typed.emial is no column of its table. Expected email.",
        ),
        (
            {"attribute": "typed.email", "operator": "is_at_least", "value": 3},
            "segments/mine rules.operator: is_at_least on typed.email, a text. Expected an attribute that is a number.",
        ),
        (
            {"attribute": "typed.updated_at", "operator": "is_in_list", "values": ["a"]},
            "segments/mine rules.operator: is_in_list on typed.updated_at, a time. "
            "Expected an attribute that is a text.",
        ),
        (
            {"attribute": "typed.email", "operator": "is_true"},
            "segments/mine rules.operator: is_true on typed.email, a text. Expected an attribute that is a boolean.",
        ),
    ],
)
def test_an_attribute_that_is_absent_or_of_another_type_is_named(rule: dict[str, Any], mistake: str) -> None:
    assert misfits(rule) == [mistake]


@pytest.mark.parametrize(
    "rule",
    [
        {"attribute": "typed.email", "operator": "ends_with", "value": ".com"},
        {"attribute": "typed.updated_at", "operator": "is_after", "value": "30 days ago"},
        {"attribute": "typed.updated_at", "operator": "is_null"},
        {"attribute": "customer_360.lifetime_order_revenue", "operator": "is_at_least", "value": 1},
    ],
)
def test_an_attribute_that_fits_is_none(rule: dict[str, Any]) -> None:
    assert misfits(rule) == []


def test_a_table_without_ids_is_no_table_of_people() -> None:
    rule = {"attribute": "typed.email", "operator": "is_null"}
    assert misfits(rule, TYPED.replace("customer_id AS amperity_id, ", "")) == [
        "segments/mine people: typed is not about people. Expected a table with amperity_id."
    ]


def test_files_that_say_such_a_segment_are_refused_with_the_line(tmp_path: Path) -> None:
    folder = tmp_path / "tenant_config"
    shutil.copytree(REPOSITORY / "tenant_config", folder)
    (folder / "segments" / "mine.yaml").write_text(
        "database: customer_360\nrules:\n  any:\n    - attribute: customer_360.cty\n      operator: is_null\n"
    )
    with pytest.raises(ConfigErrors) as caught:
        tenant_of_files(folder, None)
    assert "segments/mine.yaml, line 4, rules.any.0.attribute: customer_360.cty is no column" in str(caught.value)
    assert "Expected city." in str(caught.value)


def test_a_changed_rule_moves_the_segment_alone_and_a_changed_table_moves_it_too() -> None:
    """Segments are nodes of the graph: what they read is known."""
    name = TableName("segment", "high_value_lapsing")
    before = fingerprints(edited(lambda _: None))

    def other_limit(document: dict[str, Any]) -> None:
        document["segments"]["high_value_lapsing"]["rules"]["all"][1]["value"] = 501

    def other_table(document: dict[str, Any]) -> None:
        table = document["databases"]["customer_360"]["tables"]["customer_attributes"]
        table["sql"] = table["sql"].replace("<= 365", "<= 300")

    after = fingerprints(edited(other_limit))
    assert {table for table in after if before[table] != after[table]} == {name}
    assert fingerprints(edited(other_table))[name] != before[name]
