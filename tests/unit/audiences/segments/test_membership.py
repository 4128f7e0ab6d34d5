"""What a segment's SQL says is what its rules mean, by an evaluation in plain Python."""

from __future__ import annotations

import random
import typing
from pathlib import Path
from typing import Any

import pytest
from sqlglot import exp

from cdp_assets.audiences.segments.looking import Looking
from cdp_assets.audiences.segments.membership import segment_sql
from cdp_assets.config.segment import FAMILIES, Operator, Segment
from cdp_assets.config.sql import parse
from cdp_assets.lakehouse import delta
from tests.unit.audiences.segments.people import CONDITIONS, EVERYTHING, TODAY, applies, members, tables, written


def segment(rules: dict[str, Any]) -> Segment:
    return Segment.model_validate({"name": "s", "database": "d", "people": "people", "rules": rules})


def test_every_operator_is_tried() -> None:
    operators = set(typing.get_args(Operator))
    assert {condition["operator"] for condition in CONDITIONS} == operators == set(FAMILIES)


def test_every_operator_means_what_the_documents_say(tmp_path: Path) -> None:
    """All of them at once, each condition a column, over random people with missing and repeated rows."""
    made = tables(seed=1)
    answered = delta.answer(Looking(EVERYTHING, TODAY).judging, written(tmp_path, made))
    rows = {name: table.to_pylist() for name, table in made.items()}
    conditions = list(EVERYTHING.rules.conditions())
    wrong = [
        (rule.attribute, rule.operator, rule.given, row["amperity_id"])
        for row in answered.to_pylist()
        for number, rule in enumerate(conditions, 1)
        if row[f"condition_{number}"] != applies(rule, row["amperity_id"], rows, TODAY)
    ]
    assert answered.num_rows == 120
    assert wrong == []


def grown(chance: random.Random, depth: int) -> dict[str, Any]:
    """Give a random tree of rules."""
    if depth == 0 or chance.random() < 0.3:
        return chance.choice(CONDITIONS)
    return {chance.choice(("all", "any")): [grown(chance, depth - 1) for _ in range(chance.randint(1, 3))]}


@pytest.mark.parametrize("seed", range(12))
def test_groups_in_groups_mean_all_or_any_of_their_rules(tmp_path: Path, seed: int) -> None:
    made, one = tables(seed), segment(grown(random.Random(seed), 3))
    looking = Looking(one, TODAY)
    (row,) = delta.answer(looking.counting, written(tmp_path, made)).to_pylist()
    assert (row["people"], row["members"]) == (120, len(members(one, made)))
    sample = delta.answer(looking.sampling(200), written(tmp_path, made))
    assert sample.column("amperity_id").to_pylist() == sorted(members(one, made))


def test_values_are_literals_whatever_they_hold() -> None:
    """A quote, a comment and a placeholder stay text."""
    text = "x' OR 1=1 -- :business_date `"
    sql = segment_sql(segment({"attribute": "people.text", "operator": "is_exactly", "value": text}))
    tree = parse(sql, "spark", "here")
    (literal,) = [one for one in tree.find_all(exp.Literal) if one.is_string]
    assert literal.this == text
    assert list(tree.find_all(exp.Placeholder)) == []


def test_a_number_with_more_decimals_than_an_amount_is_not_rounded_to_one() -> None:
    """Spark would compare a DECIMAL(38, 2) with 0.13."""
    rules = {"attribute": "people.amount", "operator": "is_at_least", "value": 0.125}
    assert "CAST(amount AS DOUBLE) >= CAST(0.125 AS DOUBLE)" in segment_sql(segment(rules))
    assert "amount >= 0.12)" in segment_sql(segment(rules | {"value": 0.12}))


def test_relative_days_count_from_the_business_date() -> None:
    rules = {"attribute": "people.day", "operator": "is_before", "value": "3 months ago"}
    assert "CAST(day AS DATE) < ADD_MONTHS(:business_date, -3)" in segment_sql(segment(rules))
    assert "2025-12-31" in Looking(segment(rules), TODAY).counting
