"""Puts the tables of a part of the records together with those of the run before, and takes records out of tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.incremental import Part
from cdp_assets.stitch.outputs.beside import pairs_beside
from cdp_assets.stitch.threads import each

OF_RECORDS = ("stitch_ids", "stitch_records")
"""Tables with a row for each record, in order, so that a run finds its records there without a search."""
OF_PARTS = (
    "stitch_explanations",
    "unified_preprocessed_raw",
    "unified_scores",
)
"""Tables in which a row is about a record, or about two: those of records that were looked at again are made anew."""
WHOLE = (
    "stitch_retired_ids",
    "stitch_badvalues",
    "stitch_labelled",
    "unified_changes_clusters",
    "unified_changes_pks",
)
"""Tables that a part's run makes for all records."""
OF_PAIRS = "stitch_scores"
"""The table with rows about two records of which one alone may have been looked at again."""
MADE = (*OF_RECORDS, *OF_PARTS, *WHOLE, OF_PAIRS)
ANEW = ("stitch_spelled", "stitch_blocking_keys", "stitch_blocks", "stitch_benchmarks", "stitch_runs")
"""Tables that are made of all of the day's records."""
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

    Only rows with the key of one of them are looked at closely. The order of the rows stays; they are copied once.
    """
    stays = staying(frame, records)
    return frame if stays.all() else frame.filter(pl.Series(stays))


def staying(frame: pl.DataFrame, records: pl.DataFrame) -> Bools:
    """Say which rows of a table name none of some records; columns in: datasource, pk."""
    stays, keys = np.ones(frame.height, dtype=np.bool_), records["pk"].unique().implode()
    for source, pk in NAMED_BY:
        if {source, pk} <= set(frame.columns):
            suspect = frame.select(source, pk).with_row_index("row").filter(pl.col(pk).is_in(keys))
            named = suspect.join(records, left_on=[source, pk], right_on=KEYS, how="semi")["row"]
            stays[named.to_numpy()] = False
    return stays


@dataclass(frozen=True, eq=False)
class Since:
    """A table of today: its rows, which rows of the run before went, and which came."""

    rows: pl.DataFrame
    gone: pl.DataFrame
    came: pl.DataFrame


def since(before: pl.DataFrame, stays: Bools, came: pl.DataFrame) -> Since:
    """Give the rows of before that stay, and behind them those that came."""
    if stays.all():
        return Since(_together(before, came) if came.height else before, before.clear(), came)
    mask = pl.Series(stays)
    return Since(_together(before.filter(mask), came), before.filter(~mask), came)


def carried(before: Mapping[str, pl.DataFrame], made: Mapping[str, pl.DataFrame], part: Part) -> dict[str, Since]:
    """Give every table of before but those of ANEW and WHOLE, as it is after a part of the records was resolved again.

    Tables that are about all records at once (the model, examples) stay as the last whole run made them, but for the
    rows that name records of the part or such as are gone: no table holds what a record does not say any more.

    Args:
        before: The tables of the run before, by name.
        made: Those of MADE as the part's run gives them.
    """
    records = pl.concat([part.own, part.gone])
    found = {name: _in_place(before[name], made[name], part) for name in OF_RECORDS}
    came = {name: made[name] for name in OF_PARTS if name in made}
    if OF_PAIRS in made:
        beside = pairs_beside(before[OF_PAIRS], found["stitch_ids"].rows, part)
        came[OF_PAIRS] = pl.concat([made[OF_PAIRS], beside])
    names = [*(name for name in before if name not in (*MADE, *ANEW)), *came]

    def rest(name: str) -> Since:
        return since(before[name], staying(before[name], records), came.get(name, before[name].clear()))

    return found | dict(zip(names, each(rest, names), strict=True))


def _in_place(before: pl.DataFrame, made: pl.DataFrame, part: Part) -> Since:
    return Since(in_place(before, made, part), before[part.known], made)


def in_place(before: pl.DataFrame, made: pl.DataFrame, part: Part) -> pl.DataFrame:
    """Give the rows of today's records in order: those of the part as they were made, all others as they were."""
    versions = part.days.versions
    source = versions.was.copy()
    source[part.rows] = before.height + np.arange(len(part.rows))
    return _together(before, made)[source[versions.today]]


def _together(rest: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([rest.select(made.columns).cast(made.schema), made])
