"""Compares the data of a sandbox's current publication with production's, table by table."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import polars as pl

from cdp_assets.config.catalog import STITCH_IDS
from cdp_assets.config.table_keys import PERSON_KEY, Key
from cdp_assets.environments.data_diff import circumstances, explain
from cdp_assets.environments.data_diff.identity import identity_counts
from cdp_assets.environments.data_diff.model import (
    DataDiff,
    ExportDiff,
    IdentityDiff,
    Regrouping,
    TableDiff,
)
from cdp_assets.environments.data_diff.options import Options
from cdp_assets.environments.data_diff.reading import Side, Sides, is_one_of
from cdp_assets.environments.data_diff.versions import Personal, compare_versions
from cdp_assets.errors import StateError
from cdp_assets.names import PRODUCTION, TableName, sandbox_environment
from cdp_assets.state.database import State
from cdp_assets.state.readers import reading
from cdp_assets.stitch import regrouped
from cdp_assets.stitch.report import cluster_sizes

SCORES = TableName("unified", "unified_scores")
SCORE_COLUMNS = ["source1", "pk1", "source2", "pk2", "score", "match_type"]
ID_COLUMNS = [*regrouped.RECORD, "amperity_id"]


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
    identity = people(sides, options.examples) if STITCH_IDS in compared else None
    exports, not_compared = _exports(sides, options) if everything else ((), ())
    return DataDiff(
        sandbox=sandbox,
        publications=(before.id, after.id),
        tables=tuple(found),
        same_version=_names(set(chosen) - set(compared)),
        only_in_production=_names(before.entries.keys() - after.entries.keys()) if everything else (),
        only_in_sandbox=_names(after.entries.keys() - before.entries.keys()) if everything else (),
        identity=identity,
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
    before, after = sides.before.publication.entries[table], sides.after.publication.entries[table]
    personal = _personal(sides, table, table)
    return TableDiff(str(table), *compare_versions(sides, before, after, _keys(sides, table), personal, options))


def _personal(sides: Sides, table: TableName, new_table: TableName) -> Personal:
    """Say which columns are personal on either side."""
    return lambda ours, theirs: sides.before.personal(table, ours) | sides.after.personal(new_table, theirs)


def _keys(sides: Sides, table: TableName) -> list[Key]:
    """Give the keys that a table may have, by the sandbox's configuration and then by production's."""
    return list(dict.fromkeys([*sides.after.keys(table), *sides.before.keys(table)])) or [PERSON_KEY]


def people(sides: Sides, most: int) -> IdentityDiff:
    """Compare people; ids are read whole, since a sample of records has no whole people."""
    before, after = (
        regrouped.assigned(side.rows(side.publication.entries[STITCH_IDS], ID_COLUMNS))
        for side in (sides.before, sides.after)
    )
    common = regrouped.common_people(before, after)
    return IdentityDiff(
        identity_counts(before, after, common),
        merges=_regroupings(before, after, sides.after, regrouped.merges(common), most),
        splits=_regroupings(after, before, sides.before, regrouped.splits(common), most),
        sizes_before=cluster_sizes(before),
        sizes_after=cluster_sizes(after),
    )


def _regroupings(
    before: pl.DataFrame, after: pl.DataFrame, side: Side, several: pl.DataFrame, most: int
) -> tuple[Regrouping, ...]:
    """Describe the largest people of `after`, which are `side`'s, that are `several` in `before`."""
    wholes = regrouped.largest(after, several, most)
    if not wholes:
        return ()
    entry, scores = side.publication.entries.get(SCORES), None
    if entry is not None:
        scores = side.rows(entry, SCORE_COLUMNS, is_one_of("amperity_id", wholes))
    return explain.regroupings(wholes, regrouped.members(before, after, wholes), scores)


def _exports(sides: Sides, options: Options) -> tuple[tuple[ExportDiff, ...], tuple[tuple[str, str], ...]]:
    """Compare what each orchestration that both have would send; say why one cannot be compared."""
    found, reasons = [], []
    before, after = sides.before.tenant.orchestrations, sides.after.tenant.orchestrations
    for name in sorted(before.keys() | after.keys()):
        if name not in before or name not in after:
            reasons.append((name, "only in the sandbox" if name in after else "only in production"))
            continue
        query, new_query = before[name].query, after[name].query
        if query is None or new_query is None:
            reasons.append((name, "sends a data export, whose tables are compared as tables"))
            continue
        compared = _export(sides, name, query, new_query, options)
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
    personal = _personal(sides, TableName("query", query), TableName("query", new_query))
    sampling = replace(options, large_counted=False)
    return ExportDiff(name, *compare_versions(sides, before, after, [PERSON_KEY], personal, sampling))
