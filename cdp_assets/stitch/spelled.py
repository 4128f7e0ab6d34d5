"""The table of how each record was spelled, by which the next run finds the records that say something else."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.assign_ids import KEYS

HASH = "_cdp_hash"


def hashes(records: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, pk and a number that differs when a record says something else, sorted by record.

    The order of the columns does not matter. A new version of polars may give other numbers: then every record
    counts as changed once.
    """
    said = records.select(sorted(records.columns))
    numbers = said.hash_rows(1).reinterpret(signed=True)
    return records.select(KEYS).with_columns(numbers.alias(HASH)).sort(KEYS)


def changed(before: pl.DataFrame | None, after: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, pk of the records of both that say something else; columns in: datasource, pk, HASH."""
    if before is None:
        return after.select(KEYS).clear()
    both = after.join(before.select(*KEYS, HASH), on=KEYS)
    return both.filter(pl.col(HASH) != pl.col(f"{HASH}_right")).select(KEYS)
