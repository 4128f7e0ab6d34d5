"""Puts the tables of a part of the records together with those of the run before, and takes records out of tables."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cdp_assets.stitch.assign_ids import KEYS

OF_PARTS = (
    "stitch_ids",
    "stitch_records",
    "stitch_explanations",
    "stitch_scores",
    "unified_preprocessed_raw",
    "unified_scores",
)
"""Tables in which a row is about a record, or about two: those of records that were looked at again are made anew."""
WHOLE = ("stitch_retired_ids", "stitch_blocklist_values", "unified_changes_clusters", "unified_changes_pks")
"""Tables that a part's run makes for all records."""
NAMED_BY = (
    ("datasource", "pk"),
    ("source1", "pk1"),
    ("source2", "pk2"),
    ("datasource_a", "pk_a"),
    ("datasource_b", "pk_b"),
    ("rep_ds", "rep_pk"),
)
"""The columns by which tables name a record."""


def without(frame: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Give a table without the rows that name one of some records; columns in: datasource, pk.

    Only rows with the key of one of them are looked at closely. The order of the rows stays.
    """
    for source, pk in NAMED_BY:
        if {source, pk} <= set(frame.columns):
            keys = records["pk"].unique().implode()
            suspect = frame.select(source, pk).with_row_index("row").filter(pl.col(pk).is_in(keys))
            named = suspect.join(records, left_on=[source, pk], right_on=KEYS, how="semi")["row"]
            if len(named):
                frame = frame.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(named.implode()))
    return frame


def carried(
    before: Mapping[str, pl.DataFrame],
    part: Mapping[str, pl.DataFrame],
    own: pl.DataFrame,
    gone: pl.DataFrame,
) -> dict[str, pl.DataFrame]:
    """Give every table of before as it is after a part of the records was resolved again.

    Tables that are about all records at once (the model, examples) stay as the last whole run made them, but for the
    rows that name records of the part or such as are gone: no table holds what a record does not say any more.

    Args:
        before: The tables of the run before, by name.
        part: Those of the part's run.
        own: datasource, pk of the records of the part.
        gone: Those of the records that are no more.
    """
    touched = pl.concat([own, gone])
    found = {name: without(frame, touched) for name, frame in before.items() if name not in (*OF_PARTS, *WHOLE)}
    for name in OF_PARTS:
        if name in part:
            found[name] = _together(without(before[name], touched), _about(part[name], own))
    return found | {name: part[name] for name in WHOLE if name in part}


def _about(frame: pl.DataFrame, own: pl.DataFrame) -> pl.DataFrame:
    """Give the rows of a part's table that are its own; a row about two records always is."""
    return frame.join(own, on=KEYS, how="semi") if set(KEYS) <= set(frame.columns) else frame


def _together(rest: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([rest.select(made.columns).cast(made.schema), made])
