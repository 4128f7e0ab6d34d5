"""A comparison as one page with plots that needs nothing from elsewhere; every text in it is escaped."""

from __future__ import annotations

from html import escape

from cdp_assets.environments.data_diff import plots
from cdp_assets.environments.data_diff.model import DataDiff, Example, ExportDiff, IdentityDiff, Regrouping, TableDiff
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
from cdp_assets.page.html import document, grid, paragraph, picture, section, subtitle, tiles

CLASSES = {sign: action for action, sign in SIGNS.items()}


def page(diff: DataDiff) -> str:
    """Write the page: tiles first, then people, tables and exports, each with its plot."""
    before, after = diff.publications
    body = [
        *(paragraph(note, "note") for note in diff.notes),
        _tiles(diff),
        section("In short", "".join(paragraph(line) for line in summary(diff))),
        _people(diff.identity) if diff.identity and diff.identity.counts.is_different else "",
        _tables(diff),
        _exports(diff),
        _details(diff),
    ]
    about = f"Publication {after} of the sandbox, {before} of production. Personal values show their shape."
    return document(f"Data of {diff.sandbox} against production", about, body)


def _tiles(diff: DataDiff) -> str:
    found = [("tables differ", f"{len(diff.different)} of {len(diff.tables) + len(diff.same_version)}")]
    if diff.identity is not None:
        counts = diff.identity.counts
        found += [
            ("people", f"{number(counts.people_before)} → {number(counts.people_after)}"),
            ("people merged", f"{number(counts.merged_from)} into {number(counts.merged)}"),
            ("people split", f"{number(counts.split)} into {number(counts.split_into)}"),
            ("ids kept", number(counts.ids_kept)),
        ]
    changed = sum(export.is_different for export in diff.exports)
    found += [("exports differ", f"{changed} of {len(diff.exports)}")] if diff.exports else []
    return tiles(found)


def _people(identity: IdentityDiff) -> str:
    parts = [picture(plots.people_by_size(identity))]
    for title, found in (
        ("Merged: one person in the sandbox, several in production", identity.merges),
        ("Split: one person in production, several in the sandbox", identity.splits),
    ):
        parts += [subtitle(f"{title}; the largest"), *map(_regrouping, found)] if found else []
    return section("People", *parts)


def _regrouping(one: Regrouping) -> str:
    """Write one regrouped person: its parts, and the pairs that join them."""
    joined = [
        f"joined by {link.left.datasource} {link.left.pk} = {link.right.datasource} {link.right.pk}: "
        f"score {link.score:.2f}, {link.match_type}"
        for link in one.links
    ]
    items = "".join(f"<li>{escape(part_text(part))}</li>" for part in one.parts)
    links = "".join(paragraph(line, "soft") for line in joined)
    head = f"<b>{escape(one.person)}</b>: {counted(one.size, 'record')} of {counted(len(one.parts), 'part')}"
    return f'<div class="group code">{head}<ul>{items}</ul>{links}</div>'


def _tables(diff: DataDiff) -> str:
    if not diff.different:
        return ""
    plot = picture(plots.rows_by_table(diff))
    cells = [table_row(table)[1:] for table in diff.different]
    rows = grid(HEAD[1:], cells, frozenset({0, len(HEAD) - 2}))
    columns = plots.changed_columns(diff)
    more = subtitle("Columns with the most changed values") + picture(columns) if columns else ""
    return section("Tables", plot, rows, more)


def _exports(diff: DataDiff) -> str:
    if not (diff.exports or diff.exports_not_compared):
        return ""
    head = ("export", "production", "sandbox", "+", "-", "~")
    rows = grid(head, [_export(export) for export in diff.exports]) if diff.exports else ""
    reasons = (f"{name}: not compared; {reason}" for name, reason in diff.exports_not_compared)
    missing = "".join(paragraph(line, "soft") for line in reasons)
    return section("Exports", picture(plots.records_by_export(diff)), rows, missing)


def _export(export: ExportDiff) -> list[str]:
    return [export.orchestration, number(export.before), number(export.after), *row_counts(export)]


def _details(diff: DataDiff) -> str:
    return section("Table by table", *map(_table, diff.different)) if diff.different else ""


def _table(table: TableDiff) -> str:
    parts = [f"<summary><code>{escape(table.table)}</code></summary>", paragraph(matching(table), "soft")]
    if table.schema:
        parts += [subtitle("Columns"), *map(_signed, schema_lines(table.schema))]
    if table.rows.columns:
        estimated = table.sampled is not None
        rows = [(name, number(count, estimated=estimated)) for name, count in columns_by_changes(table)]
        parts += [subtitle("Changed values"), grid(("columns", "~"), rows)]
    if table.rows.examples:
        parts += [subtitle("Examples"), *map(_example, table.rows.examples)]
    return f"<details>{''.join(parts)}</details>"


def _example(example: Example) -> str:
    return _signed(example_line(example))


def _signed(line: str) -> str:
    """Write a line in the colour of its sign."""
    return paragraph(line, f"code {CLASSES[line[:1]]}")
