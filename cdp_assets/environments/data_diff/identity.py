"""How many people differ between two assignments of records to people."""

from __future__ import annotations

import polars as pl

from cdp_assets.environments.data_diff.model import IdentityCounts
from cdp_assets.stitch.regrouped import PART, WHOLE, assigned, merges, splits


def identity_counts(before: pl.DataFrame, after: pl.DataFrame, common: pl.DataFrame) -> IdentityCounts:
    """Count how people differ; `common` is `common_people` of the two frames."""
    before, after = assigned(before), assigned(after)
    people_before, people_after = before["amperity_id"].unique(), after["amperity_id"].unique()
    merged, split = merges(common), splits(common)
    records = int(common["records"].sum())
    return IdentityCounts(
        people_before=len(people_before),
        people_after=len(people_after),
        merged=merged[WHOLE].n_unique(),
        merged_from=merged[PART].n_unique(),
        split=split[WHOLE].n_unique(),
        split_into=split[PART].n_unique(),
        gained=len(people_after) - common["after"].n_unique(),
        lost=len(people_before) - common["before"].n_unique(),
        ids_kept=int(people_before.is_in(people_after.implode()).sum()),
        records_added=after.height - records,
        records_removed=before.height - records,
        records_moved=int(common.filter(pl.col("before") != pl.col("after"))["records"].sum()),
    )
