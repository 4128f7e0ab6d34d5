"""Finds in Spark the records that labels name; they are few, so what labels say is worked out here and sent along."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.lakehouse.stages import Stages
from cdp_assets.stitch.labelled import nobody_labelled, said_of
from cdp_assets.stitch.labels import NO_GROUP, Forced, named_by
from cdp_assets.stitch.spark.frames import mapped
from cdp_assets.stitch.spark.numbered import NUMBER, Numbered


@dataclass(frozen=True, eq=False)
class Labelled:
    """What labels say about all records: the numbers of those that they name, in order, and the group of each.

    said: Which labels name which record, as `labelled.Said` has it.
    """

    numbers: npt.NDArray[np.int64]
    groups: npt.NDArray[np.int64]
    apart: frozenset[tuple[int, int]]
    said: pl.DataFrame

    def of(self, numbers: pl.Series) -> Forced:
        """Give what labels say about some records."""
        found = np.full(len(numbers), NO_GROUP, dtype=np.int64)
        if len(self.numbers):
            asked = numbers.to_numpy()
            places = np.minimum(np.searchsorted(self.numbers, asked), len(self.numbers) - 1)
            known = self.numbers[places] == asked
            found[known] = self.groups[places[known]]
        return Forced(found, self.apart)


def labelled(stages: Stages, records: Numbered, labels: pl.DataFrame | None, profiles: Collection[str]) -> Labelled:
    """Give what labels say about records; raises LabelError as `labelled.said_of` does."""
    if labels is None or labels.is_empty():
        return Labelled(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), frozenset(), nobody_labelled())
    frame = pl.DataFrame(stages.answer(lambda: records.frame(NUMBER).limit(0)))
    asked = partial(named_among, labels, profiles)
    found = stages.answer(lambda: mapped(records.frame(NUMBER), asked, frame.schema))
    named = pl.DataFrame(found).sort(NUMBER)
    said = said_of(labels, named, profiles)
    return Labelled(named[NUMBER].to_numpy(), said.forced.groups, said.forced.apart, said.labelled)


def named_among(labels: pl.DataFrame, profiles: Collection[str], records: pl.DataFrame) -> pl.DataFrame:
    """Give the normalised records that labels name."""
    return records[named_by(labels, records, profiles)["row"].unique().sort()]
