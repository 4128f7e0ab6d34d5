"""Remembers which labels name which records, so that a run can tell whom new, changed and removed labels are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.labels import LABEL, named_by

LABELS = "labels"
LABELLED_SCHEMA: Mapping[str, type[pl.DataType]] = dict.fromkeys((*KEYS, LABELS), pl.String)


def nobody_labelled() -> pl.DataFrame:
    """Give `labelled_records` where there are no labels."""
    return pl.DataFrame(schema=LABELLED_SCHEMA)


def labelled_records(labels: pl.DataFrame | None, records: pl.DataFrame, profiles: Collection[str]) -> pl.DataFrame:
    """Give datasource, pk, labels of every record that a label names, sorted.

    labels: All that name it, each as its table, its id and the partition.

    Args:
        labels: As `labels.forced` wants them.
        records: Normalised records.
        profiles: The pre-processing profiles by which they are.
    """
    if labels is None or labels.is_empty():
        return nobody_labelled()
    return labelled_of(named_by(labels, records, profiles), records)


def labelled_of(named: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Give the table of the records that are known to be named, as `named_by` says it."""
    spelled = named.select("row", pl.concat_str(*LABEL, "partition_id", separator=" ").alias(LABELS))
    said = spelled.group_by("row").agg(pl.col(LABELS).sort().str.join("; "))
    keys = records.select(KEYS)[said["row"]]
    return keys.with_columns(said[LABELS]).sort(KEYS)


def idle(labels: pl.DataFrame | None, labelled: pl.DataFrame) -> list[str]:
    """Give the ids of labels that force nothing, sorted: those that name one record or none, or none of one partition.

    Most often a value, or a `datasource`, is misspelt, or the record is gone.

    Args:
        labels: As `labels.forced` wants them.
        labelled: Which labels name which records, as `labelled_records` gives it.
    """
    if labels is None or labels.is_empty():
        return []
    spelled = pl.concat_str(*LABEL, "partition_id", separator=" ")
    asked = labels.select(*LABEL, spelled.alias(LABELS)).unique()
    named = labelled.select(pl.col(LABELS).str.split("; ").explode()).group_by(LABELS).len()
    counted = asked.join(named, on=LABELS, how="left").with_columns(pl.col("len").fill_null(0))
    of_label = counted.group_by(LABEL).agg(records=pl.col("len").sum(), fewest=pl.col("len").min())
    found = of_label.filter((pl.col("records") < 2) | (pl.col("fewest") == 0))["label_id"]
    return found.drop_nulls().unique().sort().to_list()


def relabelled(before: pl.DataFrame | None, now: pl.DataFrame) -> pl.DataFrame:
    """Give datasource, pk of the records that other labels name than in the run before."""
    was = nobody_labelled() if before is None else before.select(list(LABELLED_SCHEMA))
    both = was.join(now, on=KEYS, how="full", coalesce=True, suffix="_now")
    return both.filter(pl.col(LABELS).ne_missing(pl.col(f"{LABELS}_now"))).select(KEYS)
