"""Remembers which labels name which records, so that a run can tell whom new, changed and removed labels are about."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from cdp_assets.config.stitch import DEFAULT_PROFILES
from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.labels import LABEL, NO_GROUP, Forced, forced_of, named_by, no_labels

LABELLED, LABELS = "stitch_labelled", "labels"
SPELLED = pl.concat_str(*LABEL, "partition_id", separator=" ").alias(LABELS)
"""One label that names a record: its table, its id and the partition."""
LABELLED_SCHEMA: Mapping[str, type[pl.DataType]] = dict.fromkeys((*KEYS, LABELS), pl.String)


def nobody_labelled() -> pl.DataFrame:
    """Give the table where there are no labels."""
    return pl.DataFrame(schema=LABELLED_SCHEMA)


@dataclass(frozen=True, eq=False)
class Said:
    """What labels say about a set of records: which are one person and which two, and the table stitch_labelled.

    labelled: datasource, pk, labels of every record that a label names, sorted: all that name it, each as its table,
    its id and the partition.
    """

    forced: Forced
    labelled: pl.DataFrame

    @property
    def is_named(self) -> Bools:
        """Which records a label names."""
        return np.asarray(self.forced.groups != NO_GROUP)


def said_of(labels: pl.DataFrame | None, records: pl.DataFrame, profiles: Collection[str] = DEFAULT_PROFILES) -> Said:
    """Give what labels say about normalised records; takes and raises what `named_by` and `forced_of` do."""
    if labels is None or labels.is_empty():
        return nothing_said(records.height)
    named = named_by(labels, records, profiles)
    return Said(forced_of(named, records.height), labelled_of(named, records))


def nothing_said(size: int) -> Said:
    """Give what is said about so many records where there are no labels."""
    return Said(no_labels(size), nobody_labelled())


def labelled_of(named: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Give the table of the records that labels name, as `named_by` says it."""
    said = named.select("row", SPELLED).group_by("row").agg(pl.col(LABELS).sort().str.join("; "))
    return records.select(KEYS)[said["row"]].with_columns(said[LABELS]).sort(KEYS)


def idle(labels: pl.DataFrame | None, labelled: pl.DataFrame) -> list[str]:
    """Give the ids of labels that force nothing, sorted: those that name one record or none, or none of one partition.

    Most often a value, or a `datasource`, is misspelt, or the record is gone.

    Args:
        labels: As `labels.named_by` wants them.
        labelled: Which labels name which records, as in `Said`.
    """
    if labels is None or labels.is_empty():
        return []
    asked = labels.select(*LABEL, SPELLED).unique()
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
