"""How much each source repeats people, and how many people two sources share."""

from __future__ import annotations

import polars as pl

ID = "amperity_id"


def sources(ids: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, records, people, dedup_percent, elsewhere: a row per source, by name.

    dedup_percent: the share of records that are of a person whom the source has already. elsewhere: people of the
    source whom another source has too. `ids` is stitch_ids.
    """
    spread = ids.group_by(ID).agg(sources=pl.col("datasource").n_unique())
    people = ids.group_by("datasource", ID).len().join(spread, on=ID)
    found = people.group_by("datasource").agg(
        records=pl.col("len").sum().cast(pl.Int64),
        people=pl.len().cast(pl.Int64),
        elsewhere=(pl.col("sources") > 1).sum().cast(pl.Int64),
    )
    return sources_of_all(found)


def sources_of_all(parts: pl.DataFrame) -> pl.DataFrame:
    """Give `sources` of all people, of whom each is in one part; columns in: datasource, records, people, elsewhere."""
    found = parts.group_by("datasource").agg(pl.col("records", "people", "elsewhere").sum())
    percent = dedup_percent(pl.col("records"), pl.col("people"))
    return found.select("datasource", "records", "people", dedup_percent=percent, elsewhere="elsewhere").sort(
        "datasource"
    )


def between(ids: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, other, people: how many people each two sources share, in both directions, sorted.

    A source with itself: how many people it has more than once.
    """
    people = ids.group_by("datasource", ID).len()
    pairs = people.select("datasource", ID).join(people.select(ID, other="datasource"), on=ID)
    shared = pairs.filter(pl.col("datasource") != pl.col("other")).select("datasource", "other")
    repeated = people.filter(pl.col("len") > 1).select("datasource", other="datasource")
    counted = pl.concat([shared, repeated]).group_by("datasource", "other").agg(people=pl.len().cast(pl.Int64))
    return between_all(counted)


def between_all(parts: pl.DataFrame) -> pl.DataFrame:
    """Give `between` of all people, of whom each is in one part."""
    return parts.group_by("datasource", "other").agg(pl.col("people").sum()).sort("datasource", "other")


def dedup_percent(records: pl.Expr, people: pl.Expr) -> pl.Expr:
    """Give the share of records that repeat somebody, in per cent."""
    return 100.0 * (1 - people / records)
