"""Says which people and which records changed between two runs, and why: Unified Changes Clusters and PKS.

A cause is the nearest thing that can explain a change, in the order of CAUSES; it is found from what differs between
the two runs, never guessed from the values.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from cdp_assets.lakehouse.arrow import MOMENT
from cdp_assets.stitch.assign_ids import ID, KEYS

PREVIOUS_ID, TYPE, CAUSE = "amperity_id_prev", "change_type", "_cdp_cause"
ADDED, DELETED, UPDATED = "added", "deleted", "updated"
CAUSES = {
    "new record": "the record was not there before",
    "record gone": "the record is not there any more",
    "label": "somebody forced records together or apart, this one or others of the person it left or joined",
    "settings changed": "Stitch's settings, a feed's tags or Stitch itself changed",
    "record changed": "the record says something else than before",
    "other records": "a record of the person it left or joined is new, gone or changed",
    "model relearnt": "the same records were weighed anew",
    "shared values": "a value that it shares became too common, or is so no longer",
}
"""Cause -> what it says; a person's cause is the first of its records' in this order."""
MEANT = ("label", "settings changed")
"""Causes of a change that somebody meant."""
PKS_SCHEMA: dict[str, pl.DataType] = {
    ID: pl.String(),
    PREVIOUS_ID: pl.String(),
    TYPE: pl.String(),
    "datasource": pl.String(),
    "pk": pl.String(),
    "job_id": pl.String(),
    "timestamp": MOMENT,
    CAUSE: pl.String(),
}
CLUSTERS_SCHEMA = {name: PKS_SCHEMA[name] for name in (ID, TYPE, "job_id", "timestamp", CAUSE)}


@dataclass(frozen=True, eq=False)
class News:
    """What else differs between two runs.

    changed, labelled: datasource, pk of records that say something else, and of those whose labels are others.
    """

    run_id: str
    at: dt.datetime
    settings_changed: bool
    relearnt: bool
    changed: pl.DataFrame
    labelled: pl.DataFrame


@dataclass(frozen=True, eq=False)
class Changes:
    """What one run changed.

    records, people: Rows of Unified Changes PKS and of Unified Changes Clusters. jitter_percent: How many of a hundred
    records that were there have another id without anybody having meant it.
    """

    records: pl.DataFrame
    people: pl.DataFrame
    jitter_percent: float


def changes_between(before: pl.DataFrame | None, after: pl.DataFrame, news: News) -> Changes:
    """Give what changed between the datasource, pk, amperity_id of two runs; the first run changes nothing."""
    if before is None:
        return Changes(pl.DataFrame(schema=PKS_SCHEMA), pl.DataFrame(schema=CLUSTERS_SCHEMA), 0.0)
    records = changed_records(before, after, news)
    people = changed_people(before, after, records, news)
    return Changes(records, people, _jitter_percent(records, before.height))


def changed_records(before: pl.DataFrame, after: pl.DataFrame, news: News) -> pl.DataFrame:
    """Give a row of Unified Changes PKS for every record that is new, gone, or with another person.

    Args:
        before, after: datasource, pk, amperity_id of both runs.
        news: What may have caused it.

    The id of a record that is gone is null, and so is the previous one of a new record. Sorted by record.
    """
    both = before.select(*KEYS, pl.col(ID).alias(PREVIOUS_ID)).join(
        after.select(*KEYS, ID), on=KEYS, how="full", coalesce=True
    )
    moved = both.filter(pl.col(ID).ne_missing(pl.col(PREVIOUS_ID)))
    typed = moved.with_columns(
        pl.when(pl.col(PREVIOUS_ID).is_null())
        .then(pl.lit(ADDED))
        .when(pl.col(ID).is_null())
        .then(pl.lit(DELETED))
        .otherwise(pl.lit(UPDATED))
        .alias(TYPE)
    )
    found = typed.with_columns(_cause(typed, both, news).alias(CAUSE))
    return _stamped(found, news).select(list(PKS_SCHEMA)).sort(KEYS)


def changed_people(before: pl.DataFrame, after: pl.DataFrame, records: pl.DataFrame, news: News) -> pl.DataFrame:
    """Give a row of Unified Changes Clusters for every person who is new, gone, or has other records. Sorted by id.

    Args:
        before, after: datasource, pk, amperity_id of both runs.
        records: What `changed_records` gave for them.
        news: The run.
    """
    rank = {cause: place for place, cause in enumerate(CAUSES)}
    sides = [records.select(pl.col(name).alias(ID), CAUSE) for name in (ID, PREVIOUS_ID)]
    causes = (
        pl.concat(sides)
        .drop_nulls(ID)
        .group_by(ID)
        .agg(pl.col(CAUSE).sort_by(pl.col(CAUSE).replace_strict(rank, return_dtype=pl.Int8)).first())
    )
    was, is_ = (pl.col(ID).is_in(frame[ID].unique().implode()) for frame in (before, after))
    kind = pl.when(~was).then(pl.lit(ADDED)).when(~is_).then(pl.lit(DELETED)).otherwise(pl.lit(UPDATED))
    found = causes.with_columns(kind.alias(TYPE))
    return _stamped(found, news).select(list(CLUSTERS_SCHEMA)).sort(ID)


def with_history(table: pl.DataFrame, previous: pl.DataFrame | None, at: dt.datetime, days: int) -> pl.DataFrame:
    """Give the changes of earlier runs that are no older than `days`, then those of this run."""
    if previous is None:
        return table
    kept = previous.select(table.columns).cast(table.schema)
    return pl.concat([kept.filter(pl.col("timestamp") > at - dt.timedelta(days=days)), table])


def _stamped(frame: pl.DataFrame, news: News) -> pl.DataFrame:
    return frame.with_columns(job_id=pl.lit(news.run_id), timestamp=pl.lit(news.at, dtype=MOMENT))


def _cause(typed: pl.DataFrame, both: pl.DataFrame, news: News) -> pl.Series:
    """Give the cause of each changed record."""
    changed, labelled = _among(typed, news.changed, KEYS), _among(typed, news.labelled, KEYS)
    steered = _of_people(typed, _people_of(both.join(news.labelled, on=KEYS, how="semi")))
    flags = typed.select(
        pl.col(TYPE) == ADDED,
        gone=pl.col(TYPE) == DELETED,
        label=labelled | (steered & ~changed),
        settings=pl.lit(news.settings_changed),
        changed=changed,
        others=_of_people(typed, _stirred(both, news)),
        relearnt=pl.lit(news.relearnt),
        shared=pl.lit(True),
    )
    cause = pl.lit(None, dtype=pl.String)
    for name, text in reversed(list(zip(flags.columns, CAUSES, strict=True))):
        cause = pl.when(name).then(pl.lit(text)).otherwise(cause)
    return flags.select(cause.alias(CAUSE))[CAUSE]


def _stirred(both: pl.DataFrame, news: News) -> pl.DataFrame:
    """Give the ids of before and after that have a record which is new, gone or changed."""
    come_or_gone = pl.col(ID).is_null() | pl.col(PREVIOUS_ID).is_null()
    return _people_of(pl.concat([both.filter(come_or_gone), both.join(news.changed, on=KEYS, how="semi")]))


def _people_of(records: pl.DataFrame) -> pl.DataFrame:
    """Give the ids of before and after that some records have."""
    return pl.concat([records[ID], records[PREVIOUS_ID]]).drop_nulls().unique().to_frame(ID)


def _of_people(typed: pl.DataFrame, people: pl.DataFrame) -> pl.Series:
    """Say which changed records have left or joined one of some people."""
    return _among(typed, people, [ID]) | _among(typed, people.rename({ID: PREVIOUS_ID}), [PREVIOUS_ID])


def _among(frame: pl.DataFrame, others: pl.DataFrame, on: list[str]) -> pl.Series:
    """Say of each row whether it is among others."""
    marked = others.select(on).unique().with_columns(found=pl.lit(True))
    return frame.join(marked, on=on, how="left", maintain_order="left")["found"].fill_null(False)


def _jitter_percent(records: pl.DataFrame, before: int) -> float:
    """Count the records that moved; where an operator forced it or changed the settings, it was meant."""
    meant = pl.col(CAUSE).is_in(MEANT)
    moved = records.filter(pl.col(TYPE) == UPDATED, ~meant).height
    return 100 * moved / before if before else 0.0
