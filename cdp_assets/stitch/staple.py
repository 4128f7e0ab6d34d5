"""Joins sparse records to the one person that shares a value with them, at a lower threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cdp_assets.stitch.column import Ints, Labels
from cdp_assets.stitch.judge import Judge
from cdp_assets.stitch.keys import Values
from cdp_assets.stitch.scores import bits_of

LOWER_BY = 1.0
"""How much lower the threshold is, as a score."""


@dataclass(frozen=True, order=True)
class _Staple:
    """A lone record and the person whom it may join; the strongest sorts first."""

    weakness_bits: float
    record: int
    label: int


def stapled(labels: Labels, people: pl.DataFrame, semantics: Sequence[str], judge: Judge, threshold: float) -> Labels:
    """Give the labels after lone records have joined the only other person who holds a value of theirs.

    A value is used when the lone record and one person hold it, and nobody else. The record joins when its best pair
    with a holder scores within LOWER_BY of the threshold and no record of that person must stay apart from it.
    A lone record joins one person at most, and a person whom somebody has joined stays where they are.
    """
    least = bits_of(max(threshold - LOWER_BY, 0.0))
    values = Values(people, ())
    columns = [column for semantic in semantics for column in values.columns(semantic)]
    found = {
        one for column in columns for one in _staples(labels, people[column], judge) if -one.weakness_bits >= least
    }
    members = pl.DataFrame({"label": labels}).with_row_index("row").group_by("label").agg("row")
    rows = dict(members.select("label", "row").iter_rows())
    labels, still = labels.copy(), set()
    for one in sorted(found):
        if labels[one.record] in still or one.label in still or _must_stay_apart(one.record, rows[one.label], judge):
            continue
        still |= {int(labels[one.record]), one.label}
        labels[one.record] = one.label
    return labels


def _staples(labels: Labels, column: pl.Series, judge: Judge) -> Iterator[_Staple]:
    """Give the staples of one column's values that exactly two people hold, one of them a lone record."""
    held = pl.DataFrame({"label": labels, "value": column}).with_row_index("row")
    held = held.with_columns(lone=pl.len().over("label") == 1).drop_nulls("value")
    two = held.filter(pl.col("label").n_unique().over("value") == 2)
    pairs = two.filter("lone").join(two, on="value", suffix="_other").filter(pl.col("label") != pl.col("label_other"))
    one, other = (pairs[name].to_numpy().astype(np.int32) for name in ("row", "row_other"))
    bits = judge.bits(np.minimum(one, other), np.maximum(one, other))
    best = pairs.with_columns(bits=pl.Series(bits)).group_by("row", "label_other").agg(pl.col("bits").max())
    for record, label, strength in best.iter_rows():
        yield _Staple(-strength, record, label)


def _must_stay_apart(record: int, rows: Sequence[int], judge: Judge) -> bool:
    others: Ints = np.array(rows, dtype=np.int32)
    mine = np.full(len(others), record, dtype=np.int32)
    return bool(judge.apart(np.minimum(mine, others), np.maximum(mine, others)).any())
