"""What a comment on a pull request has room for: details behind a click, cut where the whole would be too long."""

from __future__ import annotations

from collections.abc import Sequence

MOST_CHARACTERS = 60_000
"""GitHub takes 65,536."""
FRAME = ("", "<details><summary>Details</summary>", "", "```diff", "```", "</details>")
CUT = "\n… cut: {more:,} characters more in {where}"
ROOM_FOR_CUT = 100


def folded(details: str, beside: Sequence[str], where: str) -> list[str]:
    """Give details as lines behind a click, as long as there is room beside the comment's other lines.

    >>> folded("- old\\n+ new", ["A head."], "the file")[3:-1]
    ['```diff', '- old\\n+ new', '```']

    Args:
        where: Where somebody finds all of it, should it be cut.
    """
    whole = details.replace("```", "'''")
    room = MOST_CHARACTERS - sum(len(line) + 1 for line in (*beside, *FRAME)) - ROOM_FOR_CUT
    cut = "" if len(whole) <= room else CUT.format(more=len(whole) - room, where=where)
    return [*FRAME[:4], whole[:room] + cut, *FRAME[4:]]
