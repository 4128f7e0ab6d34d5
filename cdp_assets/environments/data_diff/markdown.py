"""A comparison as one comment for a pull request: the summary first, details folded, never too long."""

from __future__ import annotations

from collections.abc import Sequence

from cdp_assets.environments.comment import folded
from cdp_assets.environments.data_diff import text
from cdp_assets.environments.data_diff.model import DataDiff, TableDiff
from cdp_assets.environments.data_diff.words import number, summary

MOST_TABLES = 40
MARK = "<!-- cdp-diff:{sandbox} -->"
"""By which the one comment of a sandbox is found again."""


def markdown(diff: DataDiff) -> str:
    """Write a comparison as Markdown, its details cut where the whole would be too long."""
    before, after = diff.publications
    head = [MARK.format(sandbox=diff.sandbox), f"### Data of `{diff.sandbox}` against production", ""]
    head += [f"- {line}" for line in summary(diff)]
    head += [f"- :warning: {note}" for note in diff.notes]
    head += _tables(diff.different)
    foot = ["", f"Publication {after} of the sandbox against {before} of production; personal values show their shape."]
    body = [] if diff.is_identical else folded(text.render(diff), head + foot, "`cdp diff`")
    return "\n".join([*head, *body, *foot]) + "\n"


def _tables(different: Sequence[TableDiff]) -> list[str]:
    if not different:
        return []
    lines = ["", "| table | production | sandbox | + | - | ~ | columns |", "|---|--:|--:|--:|--:|--:|---|"]
    lines += [f"| {' | '.join(text.table_row(table)[1:])} |" for table in different[:MOST_TABLES]]
    more = len(different) - MOST_TABLES
    return lines + ([f"| and {number(more)} more | | | | | | |"] if more > 0 else [])
