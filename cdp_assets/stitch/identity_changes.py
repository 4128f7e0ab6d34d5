"""What became of each person between two runs, in the documented words: added, merged, recognized, split and so on."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.stitch.regrouped import assigned, common_people
from cdp_assets.stitch.spelled import NOBODY, Known, Told, alike, hashes

ADDED, DELETED, MERGED, RECOGNIZED = "added", "deleted", "merged", "recognized"
SPLIT, SPLIT_MERGED, UNCHANGED, RENAMED = "split", "split + merged", "unchanged", "renamed"
DESCRIPTIONS = {
    ADDED: "none of the person's records was there before",
    DELETED: "none of the person's records is there any more",
    MERGED: "several people came together",
    RECOGNIZED: "one known person has new records",
    SPLIT: "a part of one person of before",
    SPLIT_MERGED: "parts of several people came together, and the rest of one of them is elsewhere",
    UNCHANGED: "one known person without new records",
    RENAMED: "one known person under another id",
}
"""Kind -> what it says of a person; `renamed` is not among the documented ones, since stable ids leave none."""
KINDS = pl.Enum(list(DESCRIPTIONS))


def people_changes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Give what became of everybody: a row per person, with one kind each.

    Columns in: datasource, pk (together unique), amperity_id. Columns out: amperity_id (of `before` where the person
    was deleted, else of `after`), kind (one of `DESCRIPTIONS`), parts (people of `before` with records in common),
    records (the person's), sorted by kind and id. A person who only lost records is unchanged.
    """
    before, after = assigned(before), assigned(after)
    common = common_people(before, after)
    living = _sizes(after).join(_origins(common), on="amperity_id", how="left").with_columns(kind=change_kind())
    gone = _sizes(before).join(common, left_on="amperity_id", right_on="before", how="anti")
    deleted = gone.with_columns(kind=pl.lit(DELETED), parts=pl.lit(1, pl.UInt32))
    columns = ["amperity_id", "kind", "parts", "records"]
    found = pl.concat([living.with_columns(pl.col("parts").fill_null(0)).select(columns), deleted.select(columns)])
    return found.with_columns(pl.col("kind").cast(KINDS)).sort("kind", "amperity_id")


def change_counts(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Count people by what became of them: kind, people_before, people_after, records; a row per kind, in order.

    A person of `before` whose records went several ways counts once for each kind that they became part of. People
    with the same records and id in both are counted without a closer look.
    """
    before, after = assigned(before), assigned(after)
    is_stirred = pl.col("amperity_id").is_in(_stirred(before, after).implode())
    steady = after.filter(~is_stirred)
    was, people = _counts(before.filter(is_stirred), after.filter(is_stirred))
    number = steady["amperity_id"].n_unique()
    same = pl.DataFrame({"kind": [UNCHANGED], "people": [number], "records": [steady.height]})
    return counted_kinds(
        _added_up(was, same.select("kind", people_before="people")), _added_up(people, same.select(people.columns))
    )


def _stirred(before: pl.DataFrame, after: pl.DataFrame) -> pl.Series:
    """Give the ids under which a record stands in one of two runs and not in the other."""
    found = alike(Known.of(hashes(before)), Told.of(hashes(after)))
    were = np.append(found.gone, found.was[found.was != NOBODY])
    return pl.concat([before["amperity_id"].gather(were), after["amperity_id"].gather(found.fresh)]).unique()


def _counts(before: pl.DataFrame, after: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Count people of both runs by what became of them, as `counted_kinds` takes them."""
    people = people_changes(before, after)
    sources = common_people(before, after).join(people, left_on="after", right_on="amperity_id")
    was = sources.group_by("kind").agg(people_before=pl.col("before").n_unique())
    return was, people.group_by("kind").agg(people=pl.len(), records=pl.col("records").sum())


def _added_up(counts: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([counts, others.cast(counts.schema)]).group_by("kind").sum()


def counted_kinds(was: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """Give `change_counts` of people that have been counted.

    Args:
        was: kind, people_before.
        now: kind, people, records; people of `before` where they were deleted.
    """
    gone = pl.col("kind") == DELETED
    every = pl.DataFrame({"kind": pl.Series(list(DESCRIPTIONS), dtype=KINDS)})
    counted = every.join(was, on="kind", how="left").join(now, on="kind", how="left").fill_null(0)
    return counted.sort("kind").select(
        pl.col("kind").cast(pl.String),
        people_before=pl.when(gone).then("people").otherwise("people_before").cast(pl.Int64),
        people_after=pl.when(gone).then(0).otherwise("people").cast(pl.Int64),
        records=pl.col("records").cast(pl.Int64),
    )


def _sizes(ids: pl.DataFrame) -> pl.DataFrame:
    return ids.group_by("amperity_id").agg(records=pl.len())


def _origins(common: pl.DataFrame) -> pl.DataFrame:
    """Give from whom each person of `after` has records: parts, is_torn (one of them is elsewhere too), first, kept."""
    ways = common.with_columns(ways=pl.len().over("before"))
    return ways.group_by(amperity_id="after").agg(
        parts=pl.len(),
        is_torn=(pl.col("ways") > 1).any(),
        first=pl.col("before").first(),
        kept=pl.col("records").sum(),
    )


def change_kind() -> pl.Expr:
    """Say what became of a person of `after`; columns in: amperity_id, records, and those of `_origins`."""
    several = pl.col("parts") > 1
    return (
        pl.when(pl.col("parts").is_null()).then(pl.lit(ADDED))
        .when(several & pl.col("is_torn")).then(pl.lit(SPLIT_MERGED))
        .when(several).then(pl.lit(MERGED))
        .when("is_torn").then(pl.lit(SPLIT))
        .when(pl.col("first") != pl.col("amperity_id")).then(pl.lit(RENAMED))
        .when(pl.col("records") > pl.col("kept")).then(pl.lit(RECOGNIZED))
        .otherwise(pl.lit(UNCHANGED))
    )  # fmt: skip
