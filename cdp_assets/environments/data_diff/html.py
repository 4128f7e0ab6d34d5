"""A comparison as one page with plots that needs nothing from elsewhere; every text in it is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib import resources

from cdp_assets.environments.data_diff import plots
from cdp_assets.environments.data_diff.model import DataDiff, Example, ExportDiff, IdentityDiff, Regrouping, TableDiff
from cdp_assets.environments.data_diff.plots import Plot
from cdp_assets.environments.data_diff.text import HEAD, part_text, table_row
from cdp_assets.environments.data_diff.words import (
    SIGNS,
    columns_by_changes,
    counted,
    example_line,
    matching,
    number,
    row_counts,
    schema_lines,
    summary,
)

CLASSES = {sign: action for action, sign in SIGNS.items()}
TEXT_CELLS = ("table", "columns", "export", "")


def page(diff: DataDiff) -> str:
    """Write the page: tiles first, then people, tables and exports, each with its plot."""
    style = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    title = f"Data of {diff.sandbox} against production"
    before, after = diff.publications
    body = [
        f"<header><h1>{escape(title)}</h1>",
        f'<p class="soft">Publication {after} of the sandbox, {before} of production. '
        "Personal values show their shape.</p></header>",
        *(f'<p class="note">{escape(note)}</p>' for note in diff.notes),
        _tiles(diff),
        _section("In short", "".join(f"<p>{escape(line)}</p>" for line in summary(diff))),
        _people(diff.identity) if diff.identity and diff.identity.counts.is_different else "",
        _tables(diff),
        _exports(diff),
        _details(diff),
    ]
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in body if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def _tiles(diff: DataDiff) -> str:
    tiles = [("tables differ", f"{len(diff.different)} of {len(diff.tables) + len(diff.same_version)}")]
    if diff.identity is not None:
        counts = diff.identity.counts
        tiles += [
            ("people", f"{number(counts.people_before)} → {number(counts.people_after)}"),
            ("people merged", f"{number(counts.merged_from)} into {number(counts.merged)}"),
            ("people split", f"{number(counts.split)} into {number(counts.split_into)}"),
            ("ids kept", number(counts.ids_kept)),
        ]
    changed = sum(export.is_different for export in diff.exports)
    tiles += [("exports differ", f"{changed} of {len(diff.exports)}")] if diff.exports else []
    shown = "".join(f'<div class="tile"><b>{escape(value)}</b>{escape(name)}</div>' for name, value in tiles)
    return f'<div class="tiles">{shown}</div>'


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _picture(plot: Plot | None) -> str:
    if plot is None:
        return ""
    return f'<div class="wide"><img src="{escape(plot.picture)}" alt="{escape(plot.says)}"></div>'


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table: names to the left, numbers to the right."""
    kinds = ["" if name in TEXT_CELLS else ' class="number"' for name in head]
    titles = "".join(f"<th{kind}>{escape(name)}</th>" for name, kind in zip(head, kinds, strict=True))
    lines = ("".join(f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(row, kinds, strict=True)) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'


def _people(identity: IdentityDiff) -> str:
    parts = [_picture(plots.people_by_size(identity))]
    for title, found in (
        ("Merged: one person in the sandbox, several in production", identity.merges),
        ("Split: one person in production, several in the sandbox", identity.splits),
    ):
        parts += [f"<h3>{title}; the largest</h3>", *map(_regrouping, found)] if found else []
    return _section("People", *parts)


def _regrouping(one: Regrouping) -> str:
    """Write one regrouped person: its parts, and the pairs that join them."""
    joined = [
        f"joined by {link.left.datasource} {link.left.pk} = {link.right.datasource} {link.right.pk}: "
        f"score {link.score:.2f}, {link.match_type}"
        for link in one.links
    ]
    items = "".join(f"<li>{escape(part_text(part))}</li>" for part in one.parts)
    links = "".join(f'<p class="soft">{escape(line)}</p>' for line in joined)
    head = f"<b>{escape(one.person)}</b>: {counted(one.size, 'record')} of {counted(len(one.parts), 'part')}"
    return f'<div class="group code">{head}<ul>{items}</ul>{links}</div>'


def _tables(diff: DataDiff) -> str:
    if not diff.different:
        return ""
    plot = _picture(plots.rows_by_table(diff))
    grid = _grid(HEAD[1:], [table_row(table)[1:] for table in diff.different])
    columns = plots.changed_columns(diff)
    more = f"<h3>Columns with the most changed values</h3>{_picture(columns)}" if columns else ""
    return _section("Tables", plot, grid, more)


def _exports(diff: DataDiff) -> str:
    if not (diff.exports or diff.exports_not_compared):
        return ""
    head = ("export", "production", "sandbox", "+", "-", "~")
    grid = _grid(head, [_export(export) for export in diff.exports]) if diff.exports else ""
    reasons = (f"{name}: not compared; {reason}" for name, reason in diff.exports_not_compared)
    missing = "".join(f'<p class="soft">{escape(line)}</p>' for line in reasons)
    return _section("Exports", _picture(plots.records_by_export(diff)), grid, missing)


def _export(export: ExportDiff) -> list[str]:
    return [export.orchestration, number(export.before), number(export.after), *row_counts(export)]


def _details(diff: DataDiff) -> str:
    return _section("Table by table", *map(_table, diff.different)) if diff.different else ""


def _table(table: TableDiff) -> str:
    parts = [f"<summary><code>{escape(table.table)}</code></summary>", f'<p class="soft">{escape(matching(table))}</p>']
    if table.schema:
        parts += ["<h3>Columns</h3>", *map(_signed, schema_lines(table.schema))]
    if table.rows.columns:
        estimated = table.sampled is not None
        rows = [(name, number(count, estimated=estimated)) for name, count in columns_by_changes(table)]
        parts += ["<h3>Changed values</h3>", _grid(("columns", "~"), rows)]
    if table.rows.examples:
        parts += ["<h3>Examples</h3>", *map(_example, table.rows.examples)]
    return f"<details>{''.join(parts)}</details>"


def _example(example: Example) -> str:
    return _signed(example_line(example))


def _signed(line: str) -> str:
    """Write a line in the colour of its sign."""
    return f'<p class="code {CLASSES[line[:1]]}">{escape(line)}</p>'
