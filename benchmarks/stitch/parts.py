"""What every part of the benchmark is given and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.stitch.sets import LabelledSet

Row = dict[str, Any]


@dataclass(frozen=True)
class Options:
    """What is measured: on which sets, with how many records, how often, and whether the peer is too."""

    sets: Sequence[LabelledSet]
    sizes: Sequence[int]
    repeats: int
    with_peer: bool


@dataclass(frozen=True)
class Part:
    """What was found, a row per measurement; `good` unless a figure is worse than it must be."""

    about: str
    rows: list[Row]
    good: bool


def table(rows: Sequence[Row]) -> str:
    """Lay rows out in columns; a column that only some rows have is blank in the others.

    >>> print(table([{"set": "a", "f1": 0.5}, {"set": "bb", "f1": 1.0, "note": "x"}]))
    set      f1  note
    a    0.5000
    bb   1.0000  x
    """
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(names))]
    right = [any(isinstance(row.get(name), int | float) for row in rows) for name in names]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4f}" if abs(value) < 10 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
