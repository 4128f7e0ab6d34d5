"""Reads what operators have forced: which records are one person and which are two, over everything else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.errors import CdpError
from cdp_assets.stitch.column import Ints
from cdp_assets.stitch.giants import components_of
from cdp_assets.stitch.same_spelling import as_compared, rows_holding
from cdp_assets.stitch.semantic_columns import column_of

LABEL = ["labels_table", "label_id"]
PARTITIONS = ("1", "2")
LABEL_SCHEMA: Mapping[str, pl.DataType] = dict.fromkeys(
    (*LABEL, "partition_id", "datasource", "semantic", "value"), pl.String()
)
"""The columns that `named_by` reads, all texts."""
NO_GROUP = -1


class LabelError(CdpError):
    """Labels cannot be followed; names label ids, never values."""


@dataclass(frozen=True, eq=False)
class Forced:
    """What labels say about a set of records.

    groups: for each record the number of its group, NO_GROUP where no label names it. Records of one group are one
    person. apart: the pairs of groups that are two people, the smaller number first.
    """

    groups: npt.NDArray[np.int64]
    apart: frozenset[tuple[int, int]]

    def decided(self, left: Ints, right: Ints) -> npt.NDArray[np.int8]:
        """Give 1 for pairs that are one person, -1 for those that are two, 0 where no label says anything."""
        one, other = self.groups[left], self.groups[right]
        both = np.flatnonzero((one != NO_GROUP) & (other != NO_GROUP))
        found = np.zeros(len(left), dtype=np.int8)
        lows, highs = np.minimum(one, other)[both].tolist(), np.maximum(one, other)[both].tolist()
        found[both] = [1 if a == b else -1 if (a, b) in self.apart else 0 for a, b in zip(lows, highs, strict=True)]
        return found

    def of(self, rows: npt.NDArray[np.int64]) -> Forced:
        """Give what labels say about some of the records, by their row numbers."""
        return Forced(self.groups[rows], self.apart)


def no_labels(size: int) -> Forced:
    """Give what labels say where there are none."""
    return Forced(np.full(size, NO_GROUP, dtype=np.int64), frozenset())


def forced_of(named: pl.DataFrame, size: int) -> Forced:
    """Give the groups that labels make of so many records; `named` are those that they name, as `named_by` gives it.

    Raises LabelError, with the label ids, where labels contradict each other.
    """
    groups = _groups(named, size)
    apart = _apart(named.with_columns(group=pl.Series(groups).gather(named["row"])))
    return Forced(groups, apart)


def _refuse_partitions(labels: pl.DataFrame) -> None:
    bad = labels.filter(~pl.col("partition_id").is_in(PARTITIONS).fill_null(False))
    if bad.height:
        raise LabelError(f"stitch labels: {_ids(bad)}: a partition that is neither 1 nor 2. Expected 1 or 2.")


def _ids(labels: pl.DataFrame) -> str:
    return ", ".join(sorted(set(labels["label_id"].fill_null("(none)"))))


def named_by(labels: pl.DataFrame, records: pl.DataFrame, profiles: Collection[str]) -> pl.DataFrame:
    """Give labels_table, label_id, partition_id, row: every record that a label names.

    A label that names a record which is not there says nothing about it. Raises LabelError, with the label ids, for a
    partition other than 1 and 2, and for an unknown semantic.

    Args:
        labels: labels_table, label_id, partition_id, datasource, semantic, value, all texts; datasource `*` is any.
        records: Normalised records.
        profiles: The pre-processing profiles by which they are.
    """
    _refuse_partitions(labels)
    found = []
    for (semantic,), asked in labels.partition_by("semantic", as_dict=True).items():
        column = column_of(str(semantic or ""))
        if column not in records.columns:
            raise LabelError(
                f"stitch labels: {_ids(asked)}: a semantic that no record has. Expected pk, email, fk-<name> or "
                "another that is compared."
            )
        spelled = asked.with_columns(value=as_compared(column, asked["value"], profiles))
        found.append(rows_holding(spelled, column, records))
    return pl.concat(found).select(*LABEL, "partition_id", "row").unique(maintain_order=True)


def _groups(named: pl.DataFrame, size: int) -> npt.NDArray[np.int64]:
    """Number the records of each label's partition alike, and those of partitions that share a record."""
    first = named.select("row", first=pl.col("row").first().over(*LABEL, "partition_id"))
    rows, firsts = (first[name].to_numpy().astype(np.int64) for name in ("row", "first"))
    parts = components_of(size, rows, firsts)
    groups = np.full(size, NO_GROUP, dtype=np.int64)
    groups[rows] = parts[rows]
    return groups


def _apart(named: pl.DataFrame) -> frozenset[tuple[int, int]]:
    """Give the pairs of groups that labels part; raises LabelError where one label parts what others join."""
    sides = named.select(*LABEL, "partition_id", "group").unique(maintain_order=True)
    pairs = sides.join(sides, on=LABEL, suffix="_other").filter(pl.col("partition_id") < pl.col("partition_id_other"))
    clash = pairs.filter(pl.col("group") == pl.col("group_other"))
    if clash.height:
        joined = named.filter(pl.col("group").is_in(clash["group"].unique().implode()))
        raise LabelError(
            f"stitch labels: {_ids(clash)} parts records that {_ids(joined)} joined. "
            "Expected labels that do not contradict each other; correct or remove one of these."
        )
    return frozenset(_ordered(pairs.select("group", "group_other").iter_rows()))


def _ordered(pairs: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    return ((min(a, b), max(a, b)) for a, b in pairs)
