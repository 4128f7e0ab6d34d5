"""The words and numbers that every rendering of a comparison shares."""

from __future__ import annotations

from collections.abc import Sequence

from cdp_assets.environments.data_diff.model import (
    Action,
    DataDiff,
    Example,
    ExportDiff,
    IdentityCounts,
    SchemaChange,
    TableDiff,
)

SIGNS: dict[Action, str] = {"added": "+", "removed": "-", "changed": "~"}
NULL = "NULL"
UNKNOWN = "?"
WIDEST = 40
CELLS = 6
"""The most cells of an example that are written out."""
NAMES = 4
"""The most tables that a sentence names."""
SAME_PEOPLE = "People: every record belongs to the same person on both sides."
NOTHING = "No differences. The sandbox's data is production's."


def number(count: int, *, estimated: bool = False) -> str:
    """Spell a count; an estimate is marked.

    >>> number(12345), number(12345, estimated=True)
    ('12,345', '≈12,345')
    """
    return f"{'≈' if estimated else ''}{count:,}"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """Spell a count of things.

    >>> counted(1, "person", "people"), counted(2, "row")
    ('1 person', '2 rows')
    """
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def summary(diff: DataDiff) -> list[str]:
    """Say in a few sentences what differs; the first one is the most important."""
    lines = [unbuilt(diff.sandbox, diff.unbuilt)] if diff.unbuilt else []
    if diff.is_identical:
        return [*lines, NOTHING]
    same = len(diff.same_version) + len(diff.tables) - len(diff.different)
    lines.append(f"{counted(len(diff.different), 'table')} {_verb(diff)}, {same:,} identical.")
    if diff.only_in_sandbox:
        lines.append(f"Only in the sandbox: {', '.join(diff.only_in_sandbox)}.")
    if diff.only_in_production:
        lines.append(f"Only in production: {', '.join(diff.only_in_production)}.")
    if large := [table for table in diff.different if table.is_counted_only]:
        lines.append(
            f"The rows of {counted(len(large), 'large table')} were only counted: "
            f"./cdp diff --sandbox {diff.sandbox} compares them on a sample."
        )
    if diff.identity is not None and diff.identity.counts.is_different:
        lines.append(people(diff.identity.counts))
    elif diff.identity is not None or diff.same_ids:
        lines.append(SAME_PEOPLE)
    return lines + [export_line(export) for export in diff.exports if export.is_different]


def row_counts(found: TableDiff | ExportDiff) -> tuple[str, str, str]:
    """Spell how many rows were added, removed and changed; estimates are marked, and what nobody has looked at."""
    if found.sampled == 0:
        return UNKNOWN, UNKNOWN, UNKNOWN
    rows, estimated = found.rows, found.sampled is not None
    added, removed, changed = (
        number(count, estimated=estimated and count > 0) for count in (rows.added, rows.removed, rows.changed)
    )
    return added, removed, changed


def export_line(export: ExportDiff) -> str:
    """Say what an export would send differently, in one sentence."""
    added, dropped, changed = row_counts(export)
    total = counted(export.before, "record")
    return f"Export {export.orchestration}: {added} added, {dropped} dropped, {changed} changed of {total}."


def unbuilt(sandbox: str, tables: Sequence[str]) -> str:
    """Say that a sandbox has still to be run, and how.

    >>> unbuilt("vip", ["unified.a", "unified.b"])
    'The sandbox has not built 2 tables as it defines them now (unified.a, unified.b): ./cdp run --sandbox vip refresh'
    """
    names = ", ".join(tables[:NAMES]) + (f" and {len(tables) - NAMES} more" if len(tables) > NAMES else "")
    how = f"./cdp run --sandbox {sandbox} refresh"
    return f"The sandbox has not built {counted(len(tables), 'table')} as it defines them now ({names}): {how}"


def _verb(diff: DataDiff) -> str:
    return "differs" if len(diff.different) == 1 else "differ"


def people(counts: IdentityCounts) -> str:
    """Say how people differ, in one sentence."""
    return (
        f"People: {counts.people_before:,} -> {counts.people_after:,}: "
        f"{counts.merged_from:,} merged into {counts.merged:,}, {counts.split:,} split into {counts.split_into:,}, "
        f"{counts.gained:,} gained, {counts.lost:,} lost; {counts.ids_kept:,} ids kept, "
        f"{counted(counts.records_moved, 'record')} moved."
    )


def schema_lines(schema: SchemaChange) -> list[str]:
    """Give one line per column that differs, each behind its sign."""
    return [
        *(f"+ {name}: {kind}" for name, kind in schema.added),
        *(f"- {name}: {kind}" for name, kind in schema.removed),
        *(f"~ {name}: {before} -> {after}" for name, before, after in schema.retyped),
    ]


def matching(table: TableDiff) -> str:
    """Say how a table's rows were matched, and on how many of them."""
    if table.is_counted_only:
        return "its rows were only counted"
    how = f"matched by {', '.join(table.rows.key)}" if table.rows.key else "compared as whole rows, without a key"
    if table.sampled is None:
        return how
    return f"{how}; estimated from a sample of {table.sampled:.2%} of the rows"


def columns_by_changes(table: TableDiff) -> list[tuple[str, int]]:
    """Give the changed columns, those with the most changes first."""
    return sorted(table.rows.columns.items(), key=lambda item: (-item[1], item[0]))


def example_line(example: Example) -> str:
    """Write an example in one line, behind its sign."""
    key = ", ".join(f"{name}={value(text)}" for name, text in example.key)
    cells = []
    for cell in example.cells[:CELLS]:
        old, new = value(cell.before), value(cell.after)
        both = f"{old} -> {new}" + (" (another value of this shape)" if old == new else "")
        cells.append(f"{cell.column}: {both if example.action == 'changed' else new if cell.after else old}")
    if more := len(example.cells) - CELLS:
        cells += [f"and {more} more"] if more > 0 else []
    return f"{SIGNS[example.action]} {' | '.join(part for part in (key, ', '.join(cells)) if part)}"


def value(text: str | None) -> str:
    """Give a value on one line, cut where it is long.

    >>> value(None), value("a\\nb")
    ('NULL', 'a b')
    """
    if text is None:
        return NULL
    line = " ".join(text.split())
    return line if len(line) <= WIDEST else line[: WIDEST - 1] + "…"
