"""Takes records that say exactly the same as one, before anything is compared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.normalise.records import COMPARED

CONTACTS = ("email", "phone")
PLACES = ("postal", "city")


@dataclass(frozen=True, eq=False)
class Collapsed:
    """The records that stand for all.

    records: one row per group of identical records, the first of each. representative: for every record, the
    row number in `records` of the one that stands for it.
    """

    records: pl.DataFrame
    representative: npt.NDArray[np.int64]


def collapse(records: pl.DataFrame) -> Collapsed:
    """Collapse records whose normalised values are all equal, keys of other systems and bad values included.

    Only records that say enough to be sure of a person are collapsed: a name with a contact, an address or a
    birthdate. Two records that hold nothing but `JOHN SMITH` stay two.
    """
    compared = [*COMPARED, *(name for name in records.columns if name.startswith(("fk_", "sk_")))]
    numbered = records.with_row_index("row").with_columns(alone=pl.when(~_says_enough()).then(pl.col("row")))
    grouped = numbered.with_columns(first=pl.col("row").min().over([*compared, "alone"]))
    firsts = grouped["first"].unique().sort()
    representative = grouped["first"].replace_strict(
        firsts, pl.int_range(len(firsts), eager=True), return_dtype=pl.Int64
    )
    return Collapsed(records[firsts.to_list()], representative.to_numpy())


def _says_enough() -> pl.Expr:
    name = pl.col("given_name").is_not_null() & pl.col("surname").is_not_null()
    address = pl.col("address").is_not_null() & pl.any_horizontal(pl.col(one).is_not_null() for one in PLACES)
    contact = pl.any_horizontal(pl.col(one).is_not_null() for one in CONTACTS)
    return name & (contact | address | pl.col("birthdate").is_not_null())
