"""How two versions of a table, or two answers of a query, differ: in every row, or on a sample of a large one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

import polars as pl

from cdp_assets.config.table_keys import Key
from cdp_assets.environments.data_diff.model import RowChanges, SchemaChange
from cdp_assets.environments.data_diff.options import Options
from cdp_assets.environments.data_diff.reading import At, Sides, in_sample
from cdp_assets.environments.data_diff.rows import compare_rows, schema_change

Personal: TypeAlias = Callable[[list[str], list[str]], frozenset[str]]
"""Which columns are personal, of production's and of the sandbox's."""


class Differences(NamedTuple):
    """What `TableDiff` and `ExportDiff` say behind their name, in their order."""

    before: int
    after: int
    rows: RowChanges
    schema: SchemaChange
    sampled: float | None


def compare_versions(
    sides: Sides, before: At, after: At, keys: Sequence[Key], personal: Personal, options: Options
) -> Differences:
    """Compare production's version with the sandbox's; above the limit on a sample, its counts scaled to the whole.

    With `options.large_counted` no row of a larger one is read.

    Rows are matched by the first of `keys` that is unique on both sides.
    """
    ours, theirs = sides.before.schema(before), sides.after.schema(after)
    counts = sides.before.count(before), sides.after.count(after)
    if options.large_counted and max(counts) > options.sample_above:
        return Differences(*counts, RowChanges(), schema_change(ours, theirs), 0.0)
    common = [name for name in ours if name in theirs]
    by, where, share = _sample_columns(keys, ours, theirs), None, None
    if max(counts) > options.sample_above and by:
        share, keys = options.sample_above / max(counts), [by]
        where = in_sample(by, share)
    rows = compare_rows(
        sides.before.rows(before, common, where),
        sides.after.rows(after, common, where),
        keys,
        personal(list(ours), list(theirs)) if options.rows_shown else frozenset(),
        options.examples if options.rows_shown else 0,
    )
    rows = rows if share is None else _scaled(rows, share)
    return Differences(*counts, rows, schema_change(ours, theirs), share)


def _sample_columns(keys: Sequence[Key], before: pl.Schema, after: pl.Schema) -> Key:
    """Give the columns whose hash chooses the sample: a key, else all that read the same as text on both sides."""
    same = {name for name in before if before[name] == after.get(name)}
    plain = tuple(name for name in before if name in same and not (before[name].is_nested() or before[name].is_float()))
    return next((key for key in keys if set(key) <= set(plain)), plain)


def _scaled(rows: RowChanges, share: float) -> RowChanges:
    columns = {name: round(count / share) for name, count in rows.columns.items()}
    counts = {name: round(getattr(rows, name) / share) for name in ("added", "removed", "changed")}
    return replace(rows, columns=columns, **counts)
