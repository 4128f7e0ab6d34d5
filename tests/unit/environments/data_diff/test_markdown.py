"""A comparison as a pull request's comment."""

from __future__ import annotations

import pytest

from cdp_assets.environments.comment import MOST_CHARACTERS
from cdp_assets.environments.data_diff.markdown import markdown
from cdp_assets.environments.data_diff.model import Cell, DataDiff, Example
from tests.unit.environments.data_diff.diffs import data_diff, table


def test_the_comment_begins_with_its_mark_and_what_counts_most() -> None:
    """The mark is the sandbox's, so that its one comment is found again; then people and exports."""
    lines = markdown(data_diff(table(), notes=("Look twice.",))).splitlines()
    assert lines[0] == "<!-- cdp-diff:vip -->"
    shown = [line for line in lines if line.startswith("- ")]
    assert shown[1].startswith("- People: 10 -> 9: 2 merged into 1")
    assert shown[2] == "- Export send_vips: 2 added, 1 dropped, 0 changed of 5 records."
    assert shown[3] == "- :warning: Look twice."
    assert "| database__c.people | 10 | 11 | 2 | 1 | 3 | +1 ~1; city 3, state 1 |" in lines


def test_an_identical_one_is_short() -> None:
    """There is nothing to fold."""
    text = markdown(DataDiff("vip", (3, 5), ()))
    assert "No differences." in text
    assert "<details>" not in text


@pytest.mark.parametrize("tables", [1, 60, 3000])
def test_it_fits_into_a_comment_whatever_there_is(tables: int) -> None:
    """The details are cut, never the summary; the fence is closed either way."""
    example = Example("added", (), tuple(Cell(f"column_{n}", None, "x" * 30) for n in range(9)))
    text = markdown(data_diff(*(table(f"database__c.t{n}", example=example) for n in range(tables))))
    assert len(text) < MOST_CHARACTERS
    assert (text.count("```"), text.count("<details>"), text.count("</details>")) == (2, 1, 1)
    assert ("… cut: " in text) == (tables > 100)
    assert text.endswith("personal values show their shape.\n")


def test_a_value_cannot_leave_the_fence() -> None:
    """Backticks of a value are no backticks in the comment."""
    example = Example("added", (), (Cell("note", None, "```</details><script>"),))
    text = markdown(data_diff(table(example=example)))
    assert text.count("```") == 2
    inside = text.partition("```diff")[2].partition("```")[0]
    assert "'''</details><script>" in inside
