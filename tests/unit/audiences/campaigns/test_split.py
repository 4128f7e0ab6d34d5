"""People fall into groups by the shares that are asked for, and stay there when something else changes."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cdp_assets.audiences.campaigns.split import CONTROL, Group, audience, group_of, split
from cdp_assets.config.campaign import Campaign, SubAudience

KEY = b"k" * 32
PEOPLE = [f"person-{number}" for number in range(800)]
Shares = dict[str, float]


def part(shares: Shares, control: float = 0.0, name: str = "everybody", segment: str | None = None) -> SubAudience:
    """Give a sub-audience whose treatments have these shares of what control leaves."""
    whole = sum(shares.values())
    treatments = [
        {"name": one, "percentage": share / whole * (100 - control), "deliveries": [{"data_template": "t"}]}
        for one, share in shares.items()
    ]
    document = {"name": name, "segment": segment, "control_percentage": control, "treatments": treatments}
    return SubAudience.model_validate(document)


def groups(one: SubAudience, people: list[str] = PEOPLE, campaign: str = "c") -> dict[str, str]:
    group = group_of(one, campaign, KEY)
    return {person: group(person) for person in people}


shares = st.dictionaries(st.sampled_from(["a", "b", "c", "d"]), st.integers(1, 9).map(float), min_size=1)
controls = st.integers(0, 90).map(float)


@settings(max_examples=20)
@given(shares, controls)
def test_each_group_has_about_its_share(wanted: Shares, control: float) -> None:
    """Within five standard deviations."""
    one = part(wanted, control)
    found = Counter(groups(one).values())
    percentages = {CONTROL: control, **{treatment.name: treatment.percentage for treatment in one.treatments}}
    for name, percentage in percentages.items():
        expected = len(PEOPLE) * percentage / 100
        assert abs(found[name] - expected) <= 5 * (expected * (1 - percentage / 100)) ** 0.5 + 1e-9


@settings(max_examples=20)
@given(shares, shares, controls)
def test_whatever_becomes_of_the_treatments_nobody_enters_or_leaves_control(
    before: Shares, after: Shares, control: float
) -> None:
    kept = [
        {person for person, group in groups(part(one, control)).items() if group == CONTROL} for one in (before, after)
    ]
    assert kept[0] == kept[1]


@settings(max_examples=20)
@given(shares, controls, controls)
def test_a_larger_control_group_holds_the_smaller_one_and_parts_nobody_else(
    wanted: Shares, one: float, other: float
) -> None:
    small, large = sorted((one, other))
    before, after = groups(part(wanted, small)), groups(part(wanted, large))
    assert {after[person] for person in PEOPLE if before[person] == CONTROL} <= {CONTROL}
    assert all(after[person] in (CONTROL, before[person]) for person in PEOPLE)


@settings(max_examples=20)
@given(shares, shares)
def test_people_move_only_to_a_treatment_that_has_grown_against_the_one_they_leave(
    before: Shares, after: Shares
) -> None:
    was, now = groups(part(before)), groups(part(after))
    moves = {(was[person], now[person]) for person in PEOPLE if was[person] != now[person]}
    for left, entered in moves:
        grown = after.get(entered, 0) * before[left] > after.get(left, 0) * before.get(entered, 0)
        assert grown or entered not in before


@settings(max_examples=20)
@given(shares)
def test_a_treatment_that_goes_moves_its_own_people_alone(wanted: Shares) -> None:
    gone = max(wanted)
    left = {name: share for name, share in wanted.items() if name != gone} or {"other": 1.0}
    was, now = groups(part(wanted)), groups(part(left))
    assert all(now[person] == was[person] for person in PEOPLE if was[person] != gone and was[person] in left)


def test_another_campaign_and_another_key_draw_anew() -> None:
    one = part({"a": 1, "b": 1})
    other_key = group_of(one, "c", b"z" * 32)
    same = [groups(one), groups(one, campaign="other"), {person: other_key(person) for person in PEOPLE}]
    for other in same[1:]:
        agreeing = sum(same[0][person] == other[person] for person in PEOPLE)
        assert 0.4 < agreeing / len(PEOPLE) < 0.6


def campaign(*parts: SubAudience, **more: Any) -> Campaign:
    document = {"name": "c", "database": "d", "include": ["in"], "sub_audiences": [one.model_dump() for one in parts]}
    return Campaign.model_validate(document | more)


def test_somebody_falls_into_the_first_sub_audience_that_fits() -> None:
    wanted = campaign(part({"a": 1}, name="first", segment="one"), part({"a": 1}, name="second", segment="two"))
    members = {"one": {"x", "y"}, "two": {"y", "z"}}
    assert split(wanted, {"x", "y", "z", "w"}, members, KEY) == {
        "x": Group("first", "a"), "y": Group("first", "a"), "z": Group("second", "a"),
    }  # fmt: skip


def test_a_sub_audience_without_a_segment_takes_whoever_is_left() -> None:
    wanted = campaign(part({"a": 1}, name="first", segment="one"), part({"b": 1}, name="rest"))
    found = split(wanted, {"x", "w"}, {"one": {"x"}}, KEY)
    assert found == {"x": Group("first", "a"), "w": Group("rest", "b")}


def test_an_audience_is_who_is_included_without_who_is_excluded_or_was_sent_to_before() -> None:
    wanted = campaign(part({"a": 1}), include=["in", "more"], exclude=["out", "never"])
    members = {"in": {"a", "b"}, "more": {"c", "d", "e"}, "out": {"b"}, "never": {"c", "z"}}
    assert audience(wanted, members, ["d"]) == {"a", "e"}
