"""The tables with one row per record: what Stitch found about it, and the values that were compared."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.cluster import CUT
from cdp_assets.stitch.numbers import component_numbers
from cdp_assets.stitch.resolved import Resolved

LOGIN_LETTERS = 5


def stitch_records(run: Resolved) -> pl.DataFrame:
    """Give what Stitch found about each record: its component, who stands for it, bad values (`has_blv`, `blv_…`).

    A component has the number of its first record, so that it keeps it while that record stays; `_cdp_cut` says why it
    was taken apart.
    """
    collapsed, place = run.collapsed, pl.Series(run.collapsed.representative)
    standing = collapsed.records.select(KEYS)
    component = component_numbers(run.found.components, run.numbers).gather(place)
    supersized = pl.Series(run.found.supersized).gather(place)
    return run.judged.records.select(KEYS).with_columns(
        component_id=component,
        rep_ds=standing["datasource"].gather(place),
        rep_pk=standing["pk"].gather(place),
        is_supersized=supersized,
        supersized_id=pl.when(supersized).then(component),
        _cdp_cut=_cut(run).gather(place),
        **{name: run.judged.flags[name] for name in sorted(run.judged.flags.columns)},
    )


def _cut(run: Resolved) -> pl.Series:
    """Give in words why the component of each standing record was taken apart, null where it was not."""
    codes = pl.Series(run.found.cut)
    return pl.Series(CUT, dtype=pl.String).gather(codes.set(codes < 0, None).cast(pl.UInt32))


def preprocessed_raw(run: Resolved) -> pl.DataFrame:
    """Give the values that were compared, one row per record that stands for others or itself."""
    records = run.collapsed.records
    numbers = run.numbers
    component = component_numbers(run.found.components, numbers)
    return records.select(
        run.assigned.ids[ID].gather(run.collapsed.rows).alias(ID),
        *KEYS,
        numbers.alias("int_id"),
        component.alias("component_id"),
        pl.when(pl.Series(run.found.supersized)).then(component).alias("supersized_id"),
        *("given_name", "surname", _as_documented("address"), "po_box", "city", "state", "postal"),
        *(_as_documented("email"), "phone", "gender"),
        pl.col("birthdate").str.to_date("%Y-%m-%d", strict=False),
        pl.col("email").str.head(LOGIN_LETTERS).alias("login_trimmed"),
        pl.col("given_name").alias("sk_given_name"),
        pl.col("suffix").alias("sk_generational_suffix"),
        *(name for name in records.columns if name.startswith("fk_")),
    )


def _as_documented(name: str) -> pl.Expr:
    """Give a value in the form that the documents show, where it was compared and no bad value."""
    return pl.when(pl.col(name).is_not_null()).then(pl.col(f"full_{name}")).alias(name)
