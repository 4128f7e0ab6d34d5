"""Rows as people and programs read them: a table in the terminal, CSV, JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence

from cdp_assets.output import aligned

Rows = Sequence[Mapping[str, object]]
WIDEST = 40


def _table(rows: Rows) -> str:
    if not rows:
        return "no rows"
    shown = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    rule = ["─" * max(len(line[at]) for line in shown) for at in range(len(shown[0]))]
    return "\n".join(aligned([shown[0], rule, *shown[1:]]))


def _cell(value: object) -> str:
    text = "NULL" if value is None else str(value)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _csv(rows: Rows) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(rows[0]) if rows else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().rstrip("\n")


def _json(rows: Rows) -> str:
    return json.dumps(rows, indent=2, default=str)


SHAPES: Mapping[str, Callable[[Rows], str]] = {"table": _table, "csv": _csv, "json": _json}
