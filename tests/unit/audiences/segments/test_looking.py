"""Counts are a waterfall over the rules, and a person is told the first rule that keeps them out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cdp_assets.audiences.segments.looking import Counted, Looking, told
from cdp_assets.config.segment import Rule, Segment
from cdp_assets.lakehouse import delta

TODAY = dt.date(2026, 11, 20)
CITY = {"attribute": "people.city", "operator": "is_exactly", "value": "Oslo"}
SPENT = {"attribute": "people.spent", "operator": "is_at_least", "value": 10}
MAY = {"attribute": "consents.email", "operator": "is_true"}
NO_PHONE = {"attribute": "people.phone", "operator": "is_null"}
PEOPLE = pa.table(
    {
        "amperity_id": ["a", "b", "c", "d", "e"],
        "city": ["Oslo", "Oslo", "Rome", "Oslo", None],
        "spent": pa.array([20, 5, 50, None, 10], pa.int64()),
        "phone": [None, "1", None, None, "2"],
    }
)
CONSENTS = pa.table({"amperity_id": ["a", "a", "b", "c"], "email": [False, True, True, False]})
Ask = Callable[[str], list[dict[str, Any]]]


def looking(rules: dict[str, Any]) -> Looking:
    segment = {"name": "s", "database": "d", "people": "people", "rules": rules}
    return Looking(Segment.model_validate(segment), TODAY)


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    found = {"people": PEOPLE, "consents": CONSENTS}
    places = {name: (tmp_path / name, delta.overwrite(tmp_path / name, rows, "x")) for name, rows in found.items()}
    return lambda query: list(
        delta.answer(query, {name: at for name, at in places.items() if f'"{name}"' in query}).to_pylist()
    )


def test_each_rule_leaves_fewer(ask: Ask) -> None:
    one = looking({"all": [CITY, {"any": [SPENT, MAY]}, NO_PHONE]})
    counts = one.counts(ask(one.counting)[0])
    assert (counts.people, counts.members) == (5, 1)
    assert [(rule.depth, rule.alone, rule.remaining) for rule in counts.rules] == [
        (0, 3, 3), (0, 4, 2), (1, 3, None), (1, 2, None), (0, 3, 1),
    ]  # fmt: skip


def test_when_any_rule_suffices_each_reaches_more(ask: Ask) -> None:
    one = looking({"any": [MAY, SPENT]})
    counts = one.counts(ask(one.counting)[0])
    assert [(rule.alone, rule.remaining) for rule in counts.rules] == [(2, 2), (3, 4)]
    assert counts.members == 4


def test_a_tree_of_one_rule_is_counted_too(ask: Ask) -> None:
    one = looking(CITY)
    assert one.counts(ask(one.counting)[0]).rules == (Counted("people.city is exactly Oslo", 0, 3, 3),)


def test_a_sample_is_the_same_members_each_time_with_what_the_rules_read(ask: Ask) -> None:
    one = looking({"any": [MAY, SPENT]})
    assert ask(one.sampling(2)) == [
        {"amperity_id": "a", "consents.email": "true", "people.spent": "20"},
        {"amperity_id": "b", "consents.email": "true", "people.spent": "5"},
    ]


@pytest.mark.parametrize(
    ("person", "failing"),
    [
        ("a", None),
        ("b", "people.phone is null"),
        ("c", "people.city is exactly Oslo"),
        ("d", "any of: people.spent is at least 10; consents.email is true"),
        ("e", "people.city is exactly Oslo"),
    ],
)
def test_the_first_rule_that_fails_is_named(ask: Ask, person: str, failing: str | None) -> None:
    one = looking({"all": [CITY, {"all": [{"any": [SPENT, MAY]}, NO_PHONE]}]})
    (row,) = ask(one.explaining(person))
    assert one.failing(row) == failing


def test_every_rule_says_what_it_found(ask: Ask) -> None:
    one = looking({"all": [CITY, {"any": [SPENT, MAY]}]})
    (row,) = ask(one.explaining("e"))
    assert [(rule.holds, rule.value) for rule in one.judged(row)] == [
        (False, None), (True, None), (True, "10"), (False, None),
    ]  # fmt: skip
    assert ask(one.explaining("nobody' OR 'a'='a")) == []


def test_rules_are_told_in_words() -> None:
    between = Rule(attribute="people.spent", operator="is_between", values=(1, 5))
    assert told(between) == "people.spent is between 1 and 5"
    assert (
        told(Rule(all=(Rule(**NO_PHONE), between))) == "all of: people.phone is null; people.spent is between 1 and 5"
    )
