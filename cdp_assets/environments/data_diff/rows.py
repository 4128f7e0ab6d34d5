"""How the rows of two frames differ: by key where one is unique on both sides, else as multisets."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cdp_assets.config.table_keys import Key
from cdp_assets.environments.data_diff.model import Action, Cell, Example, RowChanges, SchemaChange
from cdp_assets.environments.data_diff.shown import shown

AFTER = "\x00after"
"""Ends the name of a joined column of the sandbox; no column of a table ends so."""
TIMES = "\x00times"


def compare_rows(
    before: pl.DataFrame, after: pl.DataFrame, keys: Sequence[Key], personal: frozenset[str], most: int
) -> RowChanges:
    """Give how `after` differs from `before` in the columns that both have, with up to `most` examples a kind.

    Rows are matched by the first of `keys` that is unique on both sides; NULL counts as a value. Without one, equal
    rows are counted, and a changed row is one removed and one added. Values of another type are equal when
    they are the same number (as a float), else when their texts are. Values of `personal` columns show their shape.
    """
    before, after = comparable(before, after)
    key = unique_key(before, after, keys)
    if key:
        return _by_key(before, after, key, personal, most)
    return _as_multisets(before, after, personal, most)


def schema_change(before: pl.Schema, after: pl.Schema) -> SchemaChange:
    """Give the columns that were added, removed or have another type, by name."""
    return SchemaChange(
        added=tuple((name, str(after[name])) for name in after if name not in before),
        removed=tuple((name, str(before[name])) for name in before if name not in after),
        retyped=tuple(
            (name, str(before[name]), str(after[name]))
            for name in before
            if name in after and before[name] != after[name]
        ),
    )


def comparable(before: pl.DataFrame, after: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give both frames with their common columns alone, in one type each; nested values become their JSON."""
    common = [name for name in before.columns if name in after.columns]
    ours = [_alike(name, before.schema[name], after.schema[name]) for name in common]
    theirs = [_alike(name, after.schema[name], before.schema[name]) for name in common]
    return before.select(ours), after.select(theirs)


def _alike(name: str, own: pl.DataType, other: pl.DataType) -> pl.Expr:
    """Give a column in a type that it has on both sides and that can be joined, sorted and compared."""
    column = pl.col(name)
    if own.is_nested():
        return pl.when(column.is_not_null()).then(pl.struct(column).struct.json_encode()).alias(name)
    if own == other:
        return column
    if own.is_numeric() and other.is_numeric():
        return column.cast(pl.Float64)
    if own == pl.Binary:
        return column.bin.encode("hex")
    return column.cast(pl.String)


def unique_key(before: pl.DataFrame, after: pl.DataFrame, keys: Sequence[Key]) -> Key:
    """Give the first key whose columns are there and whose values occur once on each side, or ()."""
    for key in keys:
        if set(key) <= set(before.columns) and all(frame.n_unique(key) == frame.height for frame in (before, after)):
            return key
    return ()


def _by_key(before: pl.DataFrame, after: pl.DataFrame, key: Key, personal: frozenset[str], most: int) -> RowChanges:
    others = [name for name in before.columns if name not in key]
    renamed = after.rename({name: f"{name}{AFTER}" for name in others})
    both = before.join(renamed, on=key, how="inner", nulls_equal=True)
    differs = _differing(both, others)
    changed = both.filter(differs.select(pl.any_horizontal(others)).to_series()) if others else both.clear()
    added = after.join(before, on=key, how="anti", nulls_equal=True)
    removed = before.join(after, on=key, how="anti", nulls_equal=True)
    counts = {name: int(differs[name].sum()) for name in others}
    examples = (
        *_whole(added, "added", key, personal, most),
        *_whole(removed, "removed", key, personal, most),
        *_changed(changed, key, others, personal, most),
    )
    columns = {name: count for name, count in counts.items() if count}
    return RowChanges(key, added.height, removed.height, changed.height, columns, examples)


def _as_multisets(before: pl.DataFrame, after: pl.DataFrame, personal: frozenset[str], most: int) -> RowChanges:
    if not before.columns:
        return RowChanges(added=after.height, removed=before.height)
    signed = [frame.with_columns(pl.lit(sign).alias(TIMES)) for frame, sign in ((before, -1), (after, 1))]
    times = pl.concat(signed).group_by(before.columns).agg(pl.col(TIMES).sum())
    more, fewer = times.filter(pl.col(TIMES) > 0), times.filter(pl.col(TIMES) < 0)
    examples = (
        *_whole(more.drop(TIMES), "added", (), personal, most),
        *_whole(fewer.drop(TIMES), "removed", (), personal, most),
    )
    return RowChanges(added=int(more[TIMES].sum()), removed=-int(fewer[TIMES].sum()), examples=examples)


def _whole(rows: pl.DataFrame, action: Action, key: Key, personal: frozenset[str], most: int) -> list[Example]:
    """Give the first rows that only one side has, in the order of their key."""
    return [
        Example(
            action,
            _key(row, key, personal),
            tuple(
                Cell(name, *((value, None) if action == "removed" else (None, value)))
                for name, value in ((name, shown(name, row[name], personal)) for name in row if name not in key)
            ),
        )
        for row in _first(rows, key, most)
    ]


def _changed(rows: pl.DataFrame, key: Key, others: list[str], personal: frozenset[str], most: int) -> list[Example]:
    first = rows.sort(key).head(most)
    differs = _differing(first, others).to_dicts() if others else []
    return [
        Example(
            "changed",
            _key(row, key, personal),
            tuple(
                Cell(name, shown(name, row[name], personal), shown(name, row[f"{name}{AFTER}"], personal))
                for name in others
                if different[name]
            ),
        )
        for row, different in zip(first.to_dicts(), differs, strict=False)
    ]


def _differing(both: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    return both.select(pl.col(name).ne_missing(pl.col(f"{name}{AFTER}")) for name in names)


def _first(rows: pl.DataFrame, key: Key, most: int) -> list[dict[str, object]]:
    order = list(key) or rows.columns
    return rows.sort(order, nulls_last=True).head(most).to_dicts() if rows.height else []


def _key(row: dict[str, object], key: Key, personal: frozenset[str]) -> tuple[tuple[str, str | None], ...]:
    return tuple((name, shown(name, row[name], personal)) for name in key)
