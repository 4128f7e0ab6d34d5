"""How much each source repeats people, and how many people two sources share."""

from __future__ import annotations

import polars as pl

ID = "amperity_id"


def by_source(ids: pl.DataFrame) -> pl.DataFrame:
    """Give sources (sorted), records (of each), people: how many people have records in these sources, so many in each.

    `ids` is stitch_ids. Few rows say it of all people.
    """
    people = ids.group_by(ID, "datasource").agg(records=pl.len().cast(pl.Int64)).sort("datasource")
    each = people.group_by(ID).agg(sources="datasource", records="records")
    return each.group_by("sources", "records").agg(people=pl.len().cast(pl.Int64))


def sources(held: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, records, people, dedup_percent, elsewhere: a row per source, by name.

    dedup_percent: the share of records that are of a person whom the source has already. elsewhere: people of the
    source whom another source has too. `held` is what `by_source` gives.
    """
    several = held.with_columns(is_elsewhere=pl.col("sources").list.len() > 1).explode("sources", "records")
    found = several.group_by(datasource="sources").agg(
        records=(pl.col("records") * pl.col("people")).sum(),
        people=pl.col("people").sum(),
        elsewhere=pl.col("people").filter("is_elsewhere").sum(),
    )
    return sources_of_all(found)


def sources_of_all(parts: pl.DataFrame) -> pl.DataFrame:
    """Give `sources` of all people, of whom each is in one part; columns in: datasource, records, people, elsewhere."""
    found = parts.group_by("datasource").agg(pl.col("records", "people", "elsewhere").sum())
    percent = dedup_percent(pl.col("records"), pl.col("people"))
    return found.select("datasource", "records", "people", dedup_percent=percent, elsewhere="elsewhere").sort(
        "datasource"
    )


def between(held: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, other, people: how many people each two sources share, in both directions, sorted.

    A source with itself: how many people it has more than once. `held` is what `by_source` gives.
    """
    each = held.with_row_index("row").explode("sources", "records")
    pairs = each.select("row", "people", datasource="sources").join(each.select("row", other="sources"), on="row")
    shared = pairs.filter(pl.col("datasource") != pl.col("other")).select("datasource", "other", "people")
    repeated = each.filter(pl.col("records") > 1).select(datasource="sources", other="sources", people="people")
    return between_all(pl.concat([shared, repeated]))


def between_all(parts: pl.DataFrame) -> pl.DataFrame:
    """Give `between` of all people, of whom each is in one part."""
    return parts.group_by("datasource", "other").agg(pl.col("people").sum()).sort("datasource", "other")


def dedup_percent(records: pl.Expr, people: pl.Expr) -> pl.Expr:
    """Give the share of records that repeat somebody, in per cent."""
    return 100.0 * (1 - people / records)
