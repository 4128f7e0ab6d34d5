"""Takes records that say exactly the same as one, before anything is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.normalise.records import COMPARED
from cdp_assets.stitch.semantic_columns import column_of
from cdp_assets.stitch.slots import Finder, Hashes

PLACES = ("postal", "city")
OWN_KEYS = ("fk_", "sk_", "bk_")


@dataclass(frozen=True, eq=False)
class Collapsed:
    """The records that stand for all.

    records: one row per group of identical records, the first of each. rows: their row numbers among all records.
    representative: for every record, the row number in `records` of the one that stands for it.
    """

    records: pl.DataFrame
    rows: npt.NDArray[np.int64]
    representative: npt.NDArray[np.int64]

    @property
    def doubles(self) -> npt.NDArray[np.int32]:
        """The rows of `records` that stand for another record too."""
        held = np.bincount(self.representative, minlength=len(self.rows))
        return np.flatnonzero(held > 1).astype(np.int32)


def collapse(
    records: pl.DataFrame,
    *,
    groups: npt.NDArray[np.int64] | None = None,
    exclusions: Sequence[str] = (),
    most_values: int = 10,
) -> Collapsed:
    """Collapse records whose normalised values are all equal, keys of other systems and bad values included.

    Only records that say enough to be sure of a person are collapsed: a foreign key, a mailbox, or a name with a phone,
    an address or a birthdate. Two records that hold nothing but `JOHN SMITH` stay two; a hundred events of one mailbox
    are one subscriber's. Records of different groups never collapse.

    Args:
        records: Normalised records.
        groups: The group that labels give each record; none where there are no labels.
        exclusions: Semantics in which records may differ, once they have more than `most_values` combinations of them.
        most_values: As many combinations still tell people apart.
    """
    compared = [*_compared(records), "group"]
    excluded = [column_of(semantic) for semantic in exclusions]
    group = pl.lit(None) if groups is None else pl.Series(groups)
    numbered = records.with_row_index("row").with_columns(pl.col("row").cast(pl.Int64), group=group)
    first = _firsts(numbered, compared)
    if excluded:
        kept = [name for name in compared if name not in excluded]
        soft = _firsts(numbered.with_columns(pl.lit(None, pl.String).alias(name) for name in excluded), kept)
        varied = numbered.select(several=pl.struct(excluded).n_unique().over(soft) > most_values)["several"]
        first = pl.select(pl.when(varied).then(soft).otherwise(first)).to_series()
    standing = first.unique().sort()
    places = first.replace_strict(standing, pl.int_range(len(standing), eager=True), return_dtype=pl.Int64)
    return Collapsed(records[standing.to_list()], standing.to_numpy(), places.to_numpy())


def alike_to(said: Hashes, some: Bools) -> Bools:
    """Say which records may be taken as one with some of them, themselves included; those of a group all or none.

    Who stands for whom among these does not depend on any other record. `said` is what `alike_hashes` gives of all.
    """
    found = np.zeros(len(said), dtype=np.bool_)
    found[Finder(np.unique(said[some])).among(said)] = True
    return found


def alike_hashes(records: pl.DataFrame, exclusions: Sequence[str]) -> Hashes:
    """Give a number per record that those have in common which may be taken as one."""
    excluded = [column_of(semantic) for semantic in exclusions]
    return records.select(name for name in _compared(records) if name not in excluded).hash_rows(1).to_numpy()


def _compared(records: pl.DataFrame) -> list[str]:
    return [*COMPARED, *(name for name in records.columns if name.startswith(OWN_KEYS))]


def _firsts(numbered: pl.DataFrame, compared: Sequence[str]) -> pl.Series:
    """Give, for each record, the row of the first one with the same values; its own where it says too little.

    A hash tells most of the records that are like no other, so that the values of the rest alone are compared.
    """
    keys = [name for name in compared if name.startswith("fk_")]
    enough = numbered.filter(_says_enough(keys)).select("row", *compared)
    alike = enough.filter(enough.select(compared).hash_rows(1).is_duplicated())
    found = alike.select("row", first=pl.col("row").min().over(compared))
    first = np.arange(numbered.height, dtype=np.int64)
    first[found["row"].to_numpy()] = found["first"].to_numpy()
    return pl.Series(first)


def _says_enough(keys: Sequence[str]) -> pl.Expr:
    """Say whether a record names a person: by one of some keys, a mailbox, or a name and something of its own."""
    name = pl.col("given_name").is_not_null() & pl.col("surname").is_not_null()
    address = pl.col("address").is_not_null() & pl.any_horizontal(pl.col(one).is_not_null() for one in PLACES)
    own = address | pl.any_horizontal(pl.col(one).is_not_null() for one in ("phone", "birthdate"))
    return (name & own) | pl.any_horizontal(pl.col(one).is_not_null() for one in ("email", *keys))
