"""Which people differ between two assignments of records to people."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from cdp_assets.environments.data_diff.model import IdentityCounts

RECORD = ["datasource", "pk"]
WHOLE, PART = "whole", "part"


def identity_counts(before: pl.DataFrame, after: pl.DataFrame) -> IdentityCounts:
    """Count how people differ; each frame has datasource, pk (together unique) and amperity_id.

    A record without an amperity_id belongs to nobody and counts as absent.
    """
    before, after = assigned(before), assigned(after)
    both = before.join(after, on=RECORD, suffix="_after")
    people_before, people_after = before["amperity_id"].unique(), after["amperity_id"].unique()
    merged, split = regrouped(before, after), regrouped(after, before)
    return IdentityCounts(
        people_before=len(people_before),
        people_after=len(people_after),
        merged=merged[WHOLE].n_unique(),
        merged_from=merged[PART].n_unique(),
        split=split[WHOLE].n_unique(),
        split_into=split[PART].n_unique(),
        gained=len(people_after) - both["amperity_id_after"].n_unique(),
        lost=len(people_before) - both["amperity_id"].n_unique(),
        ids_kept=int(people_before.is_in(people_after.implode()).sum()),
        records_added=after.height - both.height,
        records_removed=before.height - both.height,
        records_moved=both.filter(pl.col("amperity_id") != pl.col("amperity_id_after")).height,
    )


def regrouped(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Give the people of `after` (`whole`) whose records belong to several people of `before` (`part`).

    One row per whole and part. With the sides exchanged it gives the people of `before` that are several in `after`.
    """
    pairs = assigned(before).join(assigned(after), on=RECORD, suffix="_after")
    pairs = pairs.select(pl.col("amperity_id_after").alias(WHOLE), pl.col("amperity_id").alias(PART)).unique()
    return pairs.filter(pl.col(PART).count().over(WHOLE) > 1)


def largest(before: pl.DataFrame, after: pl.DataFrame, most: int) -> list[str]:
    """Give the wholes with the most records in `after`, the largest first, equal ones by id."""
    wholes = regrouped(before, after)[WHOLE].unique()
    sizes = assigned(after).filter(pl.col("amperity_id").is_in(wholes.implode())).group_by("amperity_id").len()
    return sizes.sort("len", "amperity_id", descending=[True, False]).head(most)["amperity_id"].to_list()


def members(before: pl.DataFrame, after: pl.DataFrame, wholes: Sequence[str]) -> pl.DataFrame:
    """Give the records of these people of `after`: whole, datasource, pk, part (NULL where `before` lacks the record).

    Sorted by part, then record.
    """
    chosen = assigned(after).filter(pl.col("amperity_id").is_in(list(wholes)))
    found = chosen.join(assigned(before), on=RECORD, how="left", suffix="_before")
    names = {"amperity_id": WHOLE, "amperity_id_before": PART}
    return found.rename(names).select(WHOLE, *RECORD, PART).sort(PART, *RECORD, nulls_last=True)


def assigned(ids: pl.DataFrame) -> pl.DataFrame:
    """Give the records that belong to somebody: datasource, pk, amperity_id."""
    return ids.select(*RECORD, "amperity_id").filter(pl.col("amperity_id").is_not_null())
