"""One page about explored tables: whole in itself, no personal value in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cdp_assets.environments.explorer import ExploredColumn, ExploredTable
from cdp_assets.page import html


def page(title: str, subtitle: str, tables: Sequence[ExploredTable]) -> str:
    """Write the page: the tables in short, then each with its columns and its neighbours in the lineage."""
    overview = [[one.name, f"{one.rows:,}", str(len(one.columns)), one.description] for one in tables]
    head = html.section("Tables", html.grid(["table", "rows", "columns", "what it is"], overview, frozenset({0, 3})))
    return html.document(title, subtitle, [head, *map(_table, tables)])


def _table(table: ExploredTable) -> str:
    head = ["column", "type", "filled", "values", "personal", "common"]
    rows = [_column(table, one) for one in table.columns]
    lineage = [html.paragraph(text, "soft") for text in _neighbours(table)]
    return html.section(table.name, html.paragraph(table.description), *lineage, html.grid(head, rows, _TEXTS))


_TEXTS = frozenset({0, 1, 4, 5})


def _column(table: ExploredTable, column: ExploredColumn) -> list[str]:
    common = ", ".join(f"{value} ({rows:,})" for value, rows in column.common)
    personal = "personal" if column.personal else ""
    return [column.name, column.type, filled(table, column), f"{column.distinct:,}", personal, common]


def filled(table: ExploredTable, column: ExploredColumn) -> str:
    """Say how full a column is; of an empty table nothing can be said."""
    return f"{column.filled / table.rows:.1%}" if table.rows else "-"


def _neighbours(table: ExploredTable) -> Iterator[str]:
    if table.reads:
        yield f"Made of {', '.join(table.reads)}."
    if table.read_by:
        yield f"Read by {', '.join(table.read_by)}."
