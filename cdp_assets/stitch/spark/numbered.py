"""Gives the rows of a stage their places in the whole, without bringing them together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.lakehouse.stages import Stages

NUMBER, ROW = "number", "row"
"""A record's place among all records in order, and among those that stand for all."""
PART, AT = "_cdp_part", "_cdp_at"
"""Columns of a stage that is numbered: the part of the whole, and the place in it."""


@dataclass(frozen=True)
class Numbered:
    """A stage whose rows have their places in the whole: a part's first place, and a place in that part."""

    stages: Stages
    name: str
    first: Mapping[int, int]
    size: int

    def frame(self, number: str) -> DataFrame:
        """Give the rows with their numbers, from 0, without a gap."""
        frame = self.stages.read(self.name)
        if not self.first:
            return frame.withColumn(number, f.col(AT)).drop(PART, AT)
        first = f.create_map(*(f.lit(one).cast("long") for pair in self.first.items() for one in pair))
        return frame.withColumn(number, first[f.col(PART).cast("long")] + f.col(AT)).drop(PART, AT)


def numbered(stages: Stages, name: str) -> Numbered:
    """Count the parts of a stage, which has the columns PART and AT."""
    counted = stages.answer(lambda: stages.read(name).groupBy(PART).count().orderBy(PART)).to_pylist()
    first, total = {}, 0
    for row in counted:
        first[int(row[PART])] = total
        total += int(row["count"])
    return Numbered(stages, name, first, total)
