"""What a segment's file may say, and what each mistake is told as."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.moments import Relative, moment_of
from cdp_assets.config.segment import Rule, Segment
from cdp_assets.errors import ConfigErrors
from cdp_assets.home import REPOSITORY

AT = "customer_360.birthdate"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"attribute": AT}, "an `operator` beside the `attribute`"),
        ({"attribute": "birthdate", "operator": "is_null"}, "an `attribute` such as customer_360.birthdate"),
        ({"attribute": AT, "operator": "is_null", "value": 1}, "no value with is_null"),
        ({"attribute": AT, "operator": "is_after", "value": "soon"}, "a day such as 2026-11-20"),
        ({"attribute": AT, "operator": "is_after", "value": "2026-11-20T08:00:00"}, "a time with its zone"),
        ({"attribute": AT, "operator": "is_after", "values": ["today"]}, "one `value` with is_after"),
        ({"attribute": AT, "operator": "is_between", "values": ["today"]}, "two `values` with is_between"),
        ({"attribute": AT, "operator": "is_in_list"}, "a list of `values` with is_in_list"),
        ({"attribute": AT, "operator": "is_in_list", "values": [1, "a"]}, "values of one kind"),
        ({"attribute": AT, "operator": "is_at_least", "value": "ten"}, "a number with is_at_least"),
        ({"attribute": AT, "operator": "contains", "value": 1}, "values of one kind, text"),
        ({"attribute": AT, "operator": "is_like", "value": "a\\b"}, "a pattern whose backslashes"),
        ({"all": []}, "at least one rule in a group"),
        ({"all": [], "any": []}, "exactly one of `all`, `any` and `attribute`"),
        ({"any": [{"attribute": AT, "operator": "is_null"}], "operator": "is"}, "a group without operator"),
        ({"attribute": AT, "operator": "is", "value": True}, "a valid"),
    ],
)
def test_a_rule_that_says_nothing_sensible_is_refused(rule: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Rule.model_validate(rule)
    assert any(expected in one["msg"] for one in caught.value.errors())


def test_a_rule_knows_the_types_that_it_compares() -> None:
    assert Rule(attribute=AT, operator="is", value=3).families == ("number",)
    assert Rule(attribute=AT, operator="is", value="today").families == ("time",)
    assert Rule(attribute=AT, operator="is_in_list", values=("a",)).families == ("text",)
    assert Rule(attribute=AT, operator="is_null").families == ()


def test_a_date_that_yaml_reads_as_one_is_a_date_all_the_same() -> None:
    rule = Rule.model_validate(yaml.safe_load(f"{{attribute: {AT}, operator: is_after, value: 2026-11-20}}"))
    assert rule.value == "2026-11-20"
    assert Rule.model_validate(rule.model_dump(mode="json")) == rule


def folder_with(tmp_path: Path, text: str) -> Path:
    folder = tmp_path / "tenant_config"
    shutil.copytree(REPOSITORY / "tenant_config", folder)
    (folder / "segments").mkdir(exist_ok=True)
    (folder / "segments" / "mine.yaml").write_text(text)
    return folder


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            "database: customer_36\nrules: {attribute: customer_360.city, operator: is_null}\n",
            "segments/mine.yaml, line 1, database: customer_36 is absent. Expected customer_360.",
        ),
        (
            "database: customer_360\nrules:\n  any:\n    - attribute: custmer_360.city\n      operator: is_null\n",
            "segments/mine.yaml, line 4, rules.any.0.attribute: custmer_360 is no table of customer_360. "
            "Expected customer_360.",
        ),
        (
            "database: customer_360\npeople: persons\nrules: {attribute: customer_360.city, operator: is_null}\n",
            "segments/mine.yaml, line 2, people: persons is no table of customer_360.",
        ),
        (
            "database: customer_360\nrules:\n  all:\n    - attribute: customer_360.city\n      operator: is_nul\n",
            "segments/mine.yaml, line 5, rules.all.0.operator: not allowed. Expected 'is_true'",
        ),
    ],
)
def test_a_mistake_is_told_with_its_file_its_line_and_what_is_near(tmp_path: Path, text: str, mistake: str) -> None:
    with pytest.raises(ConfigErrors, match=r"mine\.yaml") as caught:
        load_tenant(folder_with(tmp_path, text))
    assert mistake in str(caught.value)


def test_a_segment_reads_its_people_first() -> None:
    rules = {"any": [{"attribute": "b.x", "operator": "is_null"}, {"attribute": "a.x", "operator": "is_null"}]}
    segment = Segment.model_validate({"name": "s", "database": "d", "people": "a", "rules": rules})
    assert segment.tables == ("a", "b")
    assert [path for path, _ in segment.rules.placed()] == [("any", 0), ("any", 1)]


@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), st.integers(-600, 600))
def test_so_many_months_from_a_day_is_that_day_of_a_month_or_its_last(day: dt.date, count: int) -> None:
    found = Relative(count, "month").on(day)
    assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == count
    assert found.day == day.day or (found.day < day.day and (found + dt.timedelta(days=1)).day == 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("yesterday", "2026-03-30"), ("tomorrow", "2026-04-01"), ("1 day ago", "2026-03-30"),
        ("2 weeks from now", "2026-04-14"), ("1 month ago", "2026-02-28"), ("1 year ago", "2025-03-31"),
    ],
)  # fmt: skip
def test_relative_days_count_from_the_business_date(text: str, day: str) -> None:
    moment = moment_of(text)
    assert isinstance(moment, Relative)
    assert moment.on(dt.date(2026, 3, 31)).isoformat() == day
