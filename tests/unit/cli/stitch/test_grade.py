"""`cdp stitch grade` as an operator uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.stitch.operator_of import Operator


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """Somebody with a published run."""
    return Operator(tmp_path_factory.mktemp("operator"))


def asked(operator: Operator, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(operator.run("stitch", "grade", *words, "--json").stdout)
    return found


def test_examples_show_nobody_unless_asked(operator: Operator) -> None:
    names = {*operator.frames["detailed_examples"]["surname_a"].drop_nulls()}
    hidden, shown = asked(operator)["examples"], asked(operator, "--reveal")["examples"]
    assert [one["pair"] for one in hidden] == [one["pair"] for one in shown]
    assert hidden
    assert not names & {one["a"]["surname"] for one in hidden}
    assert names & {one["a"]["surname"] for one in shown}


def test_a_graded_pair_does_not_come_again_and_is_counted(operator: Operator) -> None:
    pair = asked(operator)["examples"][0]
    after = asked(operator, pair["pair"], "--down")
    assert sum(one["wrong"] for one in after["grades"]) == 1
    assert pair["pair"] not in [one["pair"] for one in asked(operator)["examples"]]
    again = asked(operator, pair["pair"], "--up")
    assert [(one["right"], one["wrong"]) for one in again["grades"]] == [(1, 0)]
    assert again["recommendations"] == ["nothing to change by the grades so far"]


def test_no_key_is_kept_in_the_state(operator: Operator) -> None:
    """A hash names the pair."""
    examples = operator.frames["detailed_examples"]
    asked(operator, asked(operator)["examples"][0]["pair"], "--up")
    kept = Path(operator.home.state).read_bytes() if Path(operator.home.state).is_file() else b""
    assert kept
    assert not [key for key in examples["pk_a"] if len(key) > 3 and key.encode() in kept]


def test_another_pair_is_refused(operator: Operator) -> None:
    assert "none of the published examples" in operator.run("stitch", "grade", "abc", "--up").output
    assert operator.run("stitch", "grade", "abc").exit_code != 0
