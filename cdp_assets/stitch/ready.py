"""What is known of each record of the day before, by its row; it is made before today's records are there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from cdp_assets.stitch.slots import NOTHING, Hashes
from cdp_assets.stitch.spelled import Rows, rows_of


@dataclass(frozen=True, eq=False)
class Ready:
    """The records of the day before, in their order; what has a default may be left out.

    records: Without what was bad. stood: The row of who stood for each. bad: The rows with a value that was bad. The
    others are hashes of each: alike: of what those have in common that may be taken as one; families: of whom a sample
    has together; parts: by name, of what keys are made of.
    """

    records: pl.DataFrame
    stood: Rows
    bad: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    alike: Hashes = field(default_factory=NOTHING.copy)
    families: Hashes = field(default_factory=NOTHING.copy)
    parts: Mapping[str, Hashes] = field(default_factory=dict)


def all_hashes(known: Hashes, records: pl.DataFrame, make: Callable[[pl.DataFrame], Hashes]) -> Hashes:
    """Give what `make` gives of all records; of the first ones it is known."""
    return np.append(known, make(records[len(known) :]))


def stood_for(table: pl.DataFrame) -> Rows:
    """Give the row of who stood for each record of the day before, from the table stitch_records, in order."""
    stood, other = (
        np.arange(table.height),
        (pl.col("rep_pk") != pl.col("pk")) | (pl.col("rep_ds") != pl.col("datasource")),
    )
    others = table.with_row_index("row").filter(other)
    stood[others["row"].to_numpy()] = rows_of(others.select(datasource="rep_ds", pk="rep_pk"), table)
    return stood
