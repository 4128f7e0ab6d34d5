"""What is written for people: columns of a terminal, and files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Container, Sequence
from pathlib import Path


def aligned(rows: Sequence[Sequence[str]], right: Container[int] = ()) -> list[str]:
    """Give a line per row, its cells in columns: those numbered in `right` to the right, the others to the left.

    >>> aligned([("state", "people"), ("Oregon", "7")], right={1})
    ['state   people', 'Oregon       7']
    """
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place, then rename it."""
    new = path.with_name(f".{path.name}.new")
    new.write_text(text, encoding="utf-8")
    os.replace(new, path)
