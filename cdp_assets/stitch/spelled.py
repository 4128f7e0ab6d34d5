"""The table of how each record was spelled, by which the next run finds the records that say something else."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from cdp_assets.stitch.assign_ids import KEYS

HASH = "_cdp_hash"


def hashes(records: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, pk and a number that differs between records and when one says something else, sorted by record.

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


def respelled(
    before: pl.DataFrame, records: pl.DataFrame, after: pl.DataFrame, spell: Callable[[pl.DataFrame], pl.DataFrame]
) -> pl.DataFrame:
    """Give the normalised records of a day, of which only those are normalised that the day before did not know.

    Args:
        before: The spelled records of the day before, with HASH.
        records: The day's records as they came.
        after: Their hashes.
        spell: Normalises records.
    """
    known = before.join(after, on=HASH, how="semi").drop(HASH)
    fresh = records.join(after.join(before, on=HASH, how="anti"), on=KEYS, how="semi")
    if fresh.is_empty():
        return known.sort(KEYS)
    return pl.concat([known, spell(fresh).select(known.columns)]).sort(KEYS)
