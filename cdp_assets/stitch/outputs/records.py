"""The tables with one row per record: what Stitch found about it, and the values that were compared."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.resolved import Resolved


def stitch_records(run: Resolved) -> pl.DataFrame:
    """Give what Stitch found about each record: its component, who stands for it, bad values (`has_blv`, `blv_…`)."""
    collapsed, found = run.collapsed, run.found
    standing = collapsed.records.select(KEYS)[collapsed.representative.tolist()]
    supersized = found.supersized[collapsed.representative]
    return run.judged.records.select(KEYS).with_columns(
        component_id=pl.Series(found.components[collapsed.representative]),
        rep_ds=standing["datasource"],
        rep_pk=standing["pk"],
        is_supersized=pl.Series(supersized),
        supersized_id=pl.when(pl.Series(supersized)).then(pl.Series(found.components[collapsed.representative])),
        **{name: run.judged.flags[name] for name in sorted(run.judged.flags.columns)},
    )


def preprocessed_raw(run: Resolved) -> pl.DataFrame:
    """Give the values that were compared, one row per record that stands for others or itself."""
    records = run.collapsed.records
    keys = [name for name in records.columns if name.startswith("fk_")]
    return (
        records.with_row_index("int_id")
        .with_columns(component_id=pl.Series(run.found.components), int_id=pl.col("int_id").cast(pl.Int64))
        .join(run.assigned.ids, on=KEYS, maintain_order="left")
        .select(
            ID,
            *KEYS,
            "int_id",
            "component_id",
            *("given_name", "surname", _as_documented("address"), "po_box", "city", "state", "postal"),
            *(_as_documented("email"), "phone", "birthdate", "gender"),
            login_trimmed=pl.col("email").str.head(5),
            sk_given_name=pl.col("given_name"),
            sk_generational_suffix=pl.col("suffix"),
            **{name: pl.col(name) for name in keys},
        )
    )


def _as_documented(name: str) -> pl.Expr:
    """Give a value in the form that the documents show, where it was compared and no bad value."""
    return pl.when(pl.col(name).is_not_null()).then(pl.col(f"full_{name}")).alias(name)
