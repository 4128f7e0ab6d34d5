"""What is known of each record of the day before, as a number by its row; it is made before today's records come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from cdp_assets.stitch.slots import NOTHING, Hashes
from cdp_assets.stitch.spelled import Rows


@dataclass(frozen=True, eq=False)
class Ready:
    """Numbers of the records of the day before, in their order.

    stood: The row of who stood for each. All others are hashes of records as they were spelled, bad values included, or
    nothing where they were not made. alike: What those have in common that may be taken as one. families: Whom a sample
    has together. parts: By name, what keys are made of.
    """

    stood: Rows
    alike: Hashes = field(default_factory=NOTHING.copy)
    families: Hashes = field(default_factory=NOTHING.copy)
    parts: Mapping[str, Hashes] = field(default_factory=dict)

    @property
    def told(self) -> int:
        """How many records there are hashes of: all or none."""
        return len(self.alike)


def all_hashes(
    known: Hashes, records: pl.DataFrame, untold: Rows, make: Callable[[pl.DataFrame], pl.Series | Hashes]
) -> Hashes:
    """Give what `make` gives of all records: it is asked about those that are `untold`, of the others it is `known`.

    Whoever comes behind those of whom it is known is untold.
    """
    found = np.append(known, np.zeros(records.height - len(known), dtype=np.uint64))
    found[untold] = make(records[untold])
    return found
