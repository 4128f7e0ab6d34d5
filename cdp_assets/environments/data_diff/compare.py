"""Compares the data of a sandbox's current publication with production's, table by table."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import polars as pl

from cdp_assets.config.catalog import STITCH_IDS
from cdp_assets.config.table_keys import PERSON_KEY, Key
from cdp_assets.environments.data_diff import circumstances, explain, identity
from cdp_assets.environments.data_diff.exports import compare_export
from cdp_assets.environments.data_diff.model import (
    DataDiff,
    ExportDiff,
    IdentityDiff,
    Regrouping,
    RowChanges,
    TableDiff,
)
from cdp_assets.environments.data_diff.options import Options
from cdp_assets.environments.data_diff.reading import Side, Sides, in_sample, is_one_of
from cdp_assets.environments.data_diff.rows import compare_rows, schema_change
from cdp_assets.errors import StateError
from cdp_assets.names import PRODUCTION, TableName, sandbox_environment
from cdp_assets.state.database import State
from cdp_assets.state.readers import reading
from cdp_assets.stitch.report import cluster_sizes

SCORES = TableName("unified", "unified_scores")
SCORE_COLUMNS = ["source1", "pk1", "source2", "pk2", "score", "match_type"]
ID_COLUMNS = [*identity.RECORD, "amperity_id"]
Columns: TypeAlias = tuple[TableName, list[str]]


def compare(
    state: State, lake: Path, sandbox: str, options: Options, *, progress: Callable[[str], None] = lambda _: None
) -> DataDiff:
    """Compare the current publications of a sandbox and of production; the janitor keeps both meanwhile.

    `progress` is told what is about to be read. Raises StateError where one of them has published nothing, or has
    not a table that `options` names.
    """
    ours, theirs = (Side.current(state, lake, name) for name in (PRODUCTION, sandbox_environment(sandbox)))
    sides = Sides(ours, theirs, options.shared_stay)
    with contextlib.ExitStack() as stack:
        for side in (sides.before, sides.after):
            stack.enter_context(reading(state, side.publication.id, f"comparison of {sandbox}"))
        return _compared(sides, sandbox, options, progress)


def _compared(sides: Sides, sandbox: str, options: Options, progress: Callable[[str], None]) -> DataDiff:
    before, after = sides.before.publication, sides.after.publication
    chosen = _chosen(sides, options.tables)
    compared = [table for table in chosen if not sides.is_same(table)]
    everything = not options.tables
    found = []
    for at, table in enumerate(compared, 1):
        progress(f"{table} ({at} of {len(compared)})")
        found.append(_table(sides, table, options))
    if STITCH_IDS in compared:
        progress("people")
    people = _identity(sides, options.examples) if STITCH_IDS in compared else None
    exports, not_compared = _exports(sides, options) if everything else ((), ())
    return DataDiff(
        sandbox=sandbox,
        publications=(before.id, after.id),
        tables=tuple(found),
        same_version=_names(set(chosen) - set(compared)),
        only_in_production=_names(before.entries.keys() - after.entries.keys()) if everything else (),
        only_in_sandbox=_names(after.entries.keys() - before.entries.keys()) if everything else (),
        identity=people,
        same_ids=STITCH_IDS in chosen and STITCH_IDS not in compared,
        exports=exports,
        exports_not_compared=not_compared,
        unbuilt=_names(circumstances.unbuilt(sides)),
        notes=circumstances.notes(sides, compared),
    )


def _chosen(sides: Sides, wanted: tuple[TableName, ...]) -> list[TableName]:
    if missing := _names(set(wanted) - set(sides.common)):
        raise StateError(
            f"{', '.join(missing)}: not in both publications. Expected tables that production and the sandbox have "
            f"published; they have {len(sides.common)} in common, such as {', '.join(_names(sides.common)[:3])}."
        )
    return sorted(set(wanted)) or sides.common


def _names(tables: Iterable[TableName]) -> tuple[str, ...]:
    return tuple(sorted(str(table) for table in tables))


def _table(sides: Sides, table: TableName, options: Options) -> TableDiff:
    """Compare one table; above the limit on a sample, with its counts scaled to the whole."""
    before, after = sides.before.publication.entries[table], sides.after.publication.entries[table]
    ours, theirs = sides.before.schema(before), sides.after.schema(after)
    counts = sides.before.count(before), sides.after.count(after)
    common = [name for name in ours if name in theirs]
    personal, most = _shown(sides, (table, list(ours)), (table, list(theirs)), options)
    keys, where, share = _keys(sides, table), None, None
    if max(counts) > options.sample_above and (by := _sample_columns(keys, ours, theirs)):
        share, keys = options.sample_above / max(counts), [by]
        where = in_sample(by, share)
    rows = compare_rows(
        sides.before.rows(before, common, where),
        sides.after.rows(after, common, where),
        keys,
        personal,
        most,
    )
    rows = rows if share is None else _scaled(rows, share)
    return TableDiff(str(table), *counts, rows, schema_change(ours, theirs), share)


def _shown(sides: Sides, before: Columns, after: Columns, options: Options) -> tuple[frozenset[str], int]:
    """Give the columns that are personal on either side, and how many examples are wanted."""
    if not options.rows_shown:
        return frozenset(), 0
    return sides.before.personal(*before) | sides.after.personal(*after), options.examples


def _keys(sides: Sides, table: TableName) -> list[Key]:
    """Give the keys that a table may have, by the sandbox's configuration and then by production's."""
    return list(dict.fromkeys([*sides.after.keys(table), *sides.before.keys(table)])) or [PERSON_KEY]


def _sample_columns(keys: list[Key], before: pl.Schema, after: pl.Schema) -> Key:
    """Give the columns whose hash chooses the sample: a key, else all that read the same as text on both sides."""
    same = {name for name in before if before[name] == after.get(name)}
    plain = tuple(name for name in before if name in same and not (before[name].is_nested() or before[name].is_float()))
    return next((key for key in keys if set(key) <= set(plain)), plain)


def _scaled(rows: RowChanges, share: float) -> RowChanges:
    columns = {name: round(count / share) for name, count in rows.columns.items()}
    counts = {name: round(getattr(rows, name) / share) for name in ("added", "removed", "changed")}
    return replace(rows, columns=columns, **counts)


def _identity(sides: Sides, most: int) -> IdentityDiff:
    """Compare people; ids are read whole, since a sample of records has no whole people."""
    before, after = (
        identity.assigned(side.rows(side.publication.entries[STITCH_IDS], ID_COLUMNS))
        for side in (sides.before, sides.after)
    )
    common = identity.common_people(before, after)
    return IdentityDiff(
        identity.identity_counts(before, after, common),
        merges=_regroupings(before, after, sides.after, identity.merges(common), most),
        splits=_regroupings(after, before, sides.before, identity.splits(common), most),
        sizes_before=cluster_sizes(before),
        sizes_after=cluster_sizes(after),
    )


def _regroupings(
    before: pl.DataFrame, after: pl.DataFrame, side: Side, several: pl.DataFrame, most: int
) -> tuple[Regrouping, ...]:
    """Describe the largest people of `after`, which are `side`'s, that are `several` in `before`."""
    wholes = identity.largest(after, several, most)
    if not wholes:
        return ()
    entry, scores = side.publication.entries.get(SCORES), None
    if entry is not None:
        scores = side.rows(entry, SCORE_COLUMNS, is_one_of("amperity_id", wholes))
    return explain.regroupings(wholes, identity.members(before, after, wholes), scores)


def _exports(sides: Sides, options: Options) -> tuple[tuple[ExportDiff, ...], tuple[tuple[str, str], ...]]:
    """Compare what each orchestration that both have would send; say why one cannot be compared."""
    found, reasons = [], []
    before, after = sides.before.tenant.orchestrations, sides.after.tenant.orchestrations
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            reasons.append((name, "only in the sandbox" if name in after else "only in production"))
            continue
        compared = _export(sides, name, before[name].query, after[name].query, options)
        if isinstance(compared, ExportDiff):
            found.append(compared)
        else:
            reasons.append((name, compared))
    return tuple(found), tuple(reasons)


def _export(sides: Sides, name: str, query: str, new_query: str, options: Options) -> ExportDiff | str:
    before, after = sides.before.answer(query), sides.after.answer(new_query)
    if before is None:
        return f"production has not run the query {query} for its current publication"
    if query == new_query and sides.answer_alike(query):
        return ExportDiff(name, before.rows, before.rows)
    if after is None:
        return f"the sandbox has not run the query {new_query} for its current publication; its job full does"
    ours, theirs = list(sides.before.schema(before)), list(sides.after.schema(after))
    asked = (TableName("query", query), ours), (TableName("query", new_query), theirs)
    frames = sides.before.rows(before, ours), sides.after.rows(after, theirs)
    return compare_export(name, *frames, *_shown(sides, *asked, options))
