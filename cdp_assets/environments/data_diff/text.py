"""A comparison for the terminal: a summary, one line per table, then what differs in each."""

from __future__ import annotations

from collections.abc import Sequence

from cdp_assets.environments.data_diff.model import (
    DataConsequence,
    DataDiff,
    ExportDiff,
    IdentityDiff,
    Part,
    Regrouping,
    TableDiff,
)
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
from cdp_assets.output import aligned

COLUMNS = 2
"""The most changed columns that a table's line names."""
HEAD = ("", "table", "production", "sandbox", "+", "-", "~", "columns")


def render(diff: DataDiff) -> str:
    """Write a comparison as text, most important first."""
    before, after = diff.publications
    title = f"Data of sandbox {diff.sandbox} (publication {after}) against production (publication {before})"
    blocks = [[title], summary(diff)]
    blocks += [[f"Note: {note}" for note in diff.notes]] if diff.notes else []
    if diff.different:
        blocks.append(_in_columns([HEAD, *(table_row(table) for table in diff.different)]))
    if diff.identity is not None and diff.identity.counts.is_different:
        blocks.append(_identity(diff.identity))
    blocks += [_table(table) for table in diff.different]
    if diff.exports or diff.exports_not_compared:
        blocks.append(_exports(diff))
    return "\n\n".join("\n".join(block) for block in blocks if block)


def consequence_summary(found: DataConsequence) -> list[str]:
    """Write what a promotion does to data in a few sentences, or why that is not known."""
    if found.difference is None:
        return [f"What this does to the data is not known: {found.unknown}"]
    diff = found.difference
    missing = [f"Export {name}: not compared; {reason}." for name, reason in diff.exports_not_compared]
    return [*summary(diff), *missing, *(f"Note: {note}" for note in diff.notes)]


def consequence_lines(found: DataConsequence) -> list[str]:
    """Write it as a plan shows it: these sentences, the tables that differ, the largest regrouped people."""
    lines = consequence_summary(found)
    diff = found.difference
    if diff is not None and diff.different:
        lines += _in_columns([HEAD, *(table_row(table) for table in diff.different)])
    if diff is not None and diff.identity is not None:
        lines += regroupings(diff.identity)
    return [f"  {line}" for line in lines]


def _in_columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Put cells into columns: the first two and the last to the left, numbers to the right."""
    return aligned(rows, right=range(2, len(rows[0]) - 1))


def table_row(table: TableDiff) -> tuple[str, ...]:
    """Give a table's cells below HEAD."""
    schema, estimated = table.schema, table.sampled is not None
    signs = ((f"+{len(schema.added)}", schema.added), (f"-{len(schema.removed)}", schema.removed))
    columns = [text for text, found in (*signs, (f"~{len(schema.retyped)}", schema.retyped)) if found]
    changed = [f"{name} {number(count, estimated=estimated)}" for name, count in columns_by_changes(table)]
    more = [f"and {len(changed) - COLUMNS} more"] if len(changed) > COLUMNS else []
    cells = " ".join(columns), ", ".join(changed[:COLUMNS] + more)
    return (
        "~",
        table.table,
        number(table.before),
        number(table.after),
        *row_counts(table),
        "; ".join(filter(None, cells)),
    )


def _table(table: TableDiff) -> list[str]:
    lines = [f"~ {table.table}  ({matching(table)})"]
    if table.schema:
        lines += ["    columns", *(f"      {line}" for line in schema_lines(table.schema))]
    if table.rows.columns:
        estimated = table.sampled is not None
        found = columns_by_changes(table)
        lines += ["    changes per column"]
        lines += [f"      ~ {name}: {number(count, estimated=estimated)}" for name, count in found]
    if table.rows.examples:
        lines += ["    examples", *(f"      {example_line(one)}" for one in table.rows.examples)]
    return lines


def _identity(identity: IdentityDiff) -> list[str]:
    counts = identity.counts
    records = f"{counts.records_added:,} records only in the sandbox, {counts.records_removed:,} only in production"
    return ["People", f"  {records}", *(f"  {line}" for line in regroupings(identity))]


def regroupings(identity: IdentityDiff, before: str = "in production", after: str = "in the sandbox") -> list[str]:
    """Write the largest regrouped people, their parts, and the pairs that join these."""
    lines = []
    for sign, title, found in (
        ("+", f"merged: one person {after}, several {before}", identity.merges),
        ("-", f"split: one person {before}, several {after}", identity.splits),
    ):
        lines += [title] if found else []
        lines += [line for one in found for line in _regrouping(sign, one)]
    return lines


def _regrouping(sign: str, one: Regrouping) -> list[str]:
    lines = [f"  {sign} {one.person}: {counted(one.size, 'record')} of {counted(len(one.parts), 'part')}"]
    lines += [f"      {part_text(part)}" for part in one.parts]
    lines += [
        f"      joined by {link.left.datasource} {link.left.pk} = {link.right.datasource} {link.right.pk}: "
        f"score {link.score:.2f}, {link.match_type}"
        for link in one.links
    ]
    return lines


def part_text(part: Part) -> str:
    """Name a part of a regrouped person and its first records."""
    records = ", ".join(f"{record.datasource} {record.pk}" for record in part.records)
    more = part.size - len(part.records)
    name = part.person or "records that only this side has"
    return f"{name}: {records}{f' and {more:,} more' if more else ''}"


def _exports(diff: DataDiff) -> list[str]:
    lines = ["Exports"]
    lines += [f"  {line}" for line in _in_columns([_export(export) for export in diff.exports])] if diff.exports else []
    lines += [f"    {export.orchestration} {line}" for export in diff.exports for line in schema_lines(export.schema)]
    lines += [f"  ? {name}: not compared; {reason}" for name, reason in diff.exports_not_compared]
    return lines


def _export(export: ExportDiff) -> tuple[str, ...]:
    signed = (f"{sign}{count}" for sign, count in zip(SIGNS.values(), row_counts(export), strict=True))
    return (
        "~" if export.is_different else " ",
        export.orchestration,
        f"{export.before:,} ->",
        number(export.after),
        *signed,
        "",
    )
