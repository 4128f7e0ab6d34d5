"""What a campaign's file may say, and what each mistake is told as."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from cdp_assets.config.campaign import Campaign
from cdp_assets.config.rules import tenant_mistakes
from tests.unit.environments.edits import edited

TREATMENT = {"name": "mail", "percentage": 100, "deliveries": [{"data_template": "daily_csv"}]}
PART = {"name": "everybody", "treatments": [TREATMENT]}
CAMPAIGN = {
    "name": "mine", "database": "customer_360", "include": ["high_value_lapsing"], "sub_audiences": [PART],
}  # fmt: skip


def mistakes(change: dict[str, Any]) -> list[str]:
    target = edited(lambda document: document["campaigns"].update(mine=CAMPAIGN | change))
    return [str(one) for one in tenant_mistakes(target, lambda *_: None) if "campaigns/mine" in str(one)]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"sub_audiences": []}, "at least 1 item"),
        ({"sub_audiences": [PART | {"name": str(number)} for number in range(61)]}, "at most 60 items"),
        ({"sub_audiences": [PART, PART]}, "each sub-audience's name once"),
        ({"sub_audiences": [PART | {"control_percentage": 10}]}, "that sum up to 100"),
        ({"sub_audiences": [PART | {"treatments": [TREATMENT | {"name": "_control"}]}]}, "should match pattern"),
        (
            {"sub_audiences": [PART | {"treatments": [TREATMENT | {"percentage": 50}] * 2}]},
            "each treatment's name once",
        ),
        ({"include": []}, "at least 1 item"),
    ],
)
def test_a_campaign_that_cannot_be_meant_is_refused(change: dict[str, Any], expected: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Campaign.model_validate(CAMPAIGN | change)
    assert any(expected in one["msg"] for one in caught.value.errors())


def delivering(**delivery: Any) -> dict[str, Any]:
    deliveries = [{"data_template": "daily_csv"} | delivery]
    return {"sub_audiences": [PART | {"treatments": [TREATMENT | {"deliveries": deliveries}]}]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"include": ["high_value_lapsin"]}, "include.0: high_value_lapsin is absent. Expected high_value_lapsing."),
        ({"exclude": ["nobody"]}, "exclude.0: nobody is absent."),
        ({"exclude_recipients_of": ["min"]}, "exclude_recipients_of.0: min is absent. Expected mine."),
        ({"sub_audiences": [PART | {"segment": "vip"}]}, "sub_audiences.0.segment: vip is absent."),
        (delivering(data_template="dayly_csv"), "data_template: dayly_csv is absent. Expected daily_csv."),
        (delivering(attributes=["customer_36.email"]), "customer_36.email is no column of customer_360."),
        (delivering(attributes=["customer_360.email", "merged_customers.email"]), "two columns of one name."),
        ({"schedule": "daily"}, "schedule: not a cron schedule."),
        ({"time_zone": "Mars"}, "time_zone: Mars: no such time zone."),
    ],
)
def test_what_a_campaign_names_and_is_absent_is_a_mistake(change: dict[str, Any], expected: str) -> None:
    (found,) = mistakes(change)
    assert expected in found


def test_segments_of_another_database_are_a_mistake() -> None:
    assert any("high_value_lapsing is a segment of customer_360" in one for one in mistakes({"database": "other"}))


def test_groups_that_share_a_template_need_names_of_their_own() -> None:
    half = TREATMENT | {"percentage": 50}
    two = {"sub_audiences": [PART | {"treatments": [half, half | {"name": "letter"}]}]}
    (found,) = mistakes(two)
    assert "daily_csv would give two groups' files one name. Expected {{group_name}} in its filename." in found


def test_a_groups_name_tells_its_sub_audience_where_there_are_several() -> None:
    one = Campaign.model_validate(CAMPAIGN)
    part = one.sub_audiences[0]
    assert one.group_name(part, part.treatments[0]) == "mail"
    two = Campaign.model_validate(CAMPAIGN | {"sub_audiences": [PART, PART | {"name": "the rest"}]})
    rest = two.sub_audiences[1]
    assert two.group_name(rest, rest.treatments[0]) == "the_rest_mail"
