"""Finds the pairs that are worth comparing: records that share one of the documented blocking keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cdp_assets.stitch.encode import Ints

MOST_PER_BLOCK = 80
"""A larger block is split by the next column, and a still larger one is read with a window: no record drops out."""
WINDOW = 20
SPLIT_BY = ("postal", "surname", "given_name", "birthdate", "phone", "email")


def _head(name: str, letters: int) -> pl.Expr:
    return pl.col(name).str.head(letters)


_GIVEN, _SURNAME = _head("given_name", 3), _head("surname", 3)
_LOCAL = pl.col("email").str.extract(r"^([^@]+)@")
KEYS: Mapping[str, Sequence[pl.Expr]] = {
    "dnf1": (_GIVEN, _head("surname", 1), pl.col("birthdate")),
    "dnf2": (pl.col("given_name"), pl.col("email")),
    "dnf3": (_GIVEN, _SURNAME, pl.col("postal")),
    "dnf4": (_GIVEN, pl.col("address")),
    "dnf5": (_GIVEN, pl.col("phone")),
    "dnf6": (_GIVEN, _SURNAME, _LOCAL),
    "dnf7": (_GIVEN, pl.col("company")),
    "dnf8": (_GIVEN, _SURNAME, pl.col("po_box")),
    "dnf9": (_SURNAME, pl.col("address")),
    "dnf10": (pl.col("phone"), pl.col("postal")),
    "email": (pl.col("email"),),
    "phone": (pl.col("phone"),),
    "address": (pl.col("address"),),
    "company": (pl.col("company"),),
    "login-partial": (_LOCAL.str.replace_all(r"[^A-Z]", ""),),
    "login-trimmed": (pl.col("email").str.head(5), _SURNAME),
    "name": (pl.min_horizontal("given_name", "surname"), pl.max_horizontal("given_name", "surname")),
}
"""The documented strategies; `fk` makes one block per value of every fk_ column."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """Candidate pairs of records by row number, left before right, each once and in order."""

    left: Ints
    right: Ints
    split_blocks: int
    """How many blocks were too large and were read with a window."""


def candidate_pairs(records: pl.DataFrame, strategies: Sequence[str]) -> Pairs:
    """Give the pairs that share a key of one of the strategies."""
    numbered = records.with_row_index("row")
    found, split = [], 0
    for strategy in strategies:
        for key in _keys(strategy, records.columns):
            pairs, large = _of_key(numbered, key)
            found.append(pairs)
            split += large
    size = max(records.height, 1)
    joined = pl.concat(found) if found else pl.Series(dtype=pl.Int64)
    spelled = joined.unique().sort().to_numpy()
    return Pairs((spelled // size).astype(np.int32), (spelled % size).astype(np.int32), split)


def _keys(strategy: str, columns: Sequence[str]) -> list[Sequence[pl.Expr]]:
    if strategy == "fk":
        return [(pl.col(name),) for name in columns if name.startswith("fk_")]
    return [KEYS[strategy]]


def _of_key(records: pl.DataFrame, key: Sequence[pl.Expr]) -> tuple[pl.Series, int]:
    """Give the pairs of one key, spelled as left * records + right, and how many blocks were too large."""
    blocks = records.select(
        "row",
        *SPLIT_BY,
        block=pl.struct(part.alias(str(place)) for place, part in enumerate(key)).hash(),
        known=pl.all_horizontal(part.is_not_null() & (part != "") for part in key),
    ).filter("known")
    blocks = blocks.with_columns(size=pl.len().over("block")).filter(pl.col("size") > 1)
    small = blocks.filter(pl.col("size") <= MOST_PER_BLOCK)
    large = blocks.filter(pl.col("size") > MOST_PER_BLOCK)
    pairs = [_all_pairs(small, records.height)]
    windows = 0
    if large.height:
        windows = large["block"].n_unique()
        pairs += [_window_pairs(large, column, records.height) for column in SPLIT_BY]
    return pl.concat(pairs), windows


def _all_pairs(blocks: pl.DataFrame, size: int) -> pl.Series:
    rows = blocks.select("block", row=pl.col("row").cast(pl.Int64))
    joined = rows.join(rows, on="block", suffix="_right").filter(pl.col("row") < pl.col("row_right"))
    return joined.select(pair=pl.col("row") * size + pl.col("row_right"))["pair"].unique()


def _window_pairs(blocks: pl.DataFrame, column: str, size: int) -> pl.Series:
    """Pair each record of a large block with its next neighbours in the order of one column."""
    ordered = blocks.sort("block", column, "row", nulls_last=True).select("block", row=pl.col("row").cast(pl.Int64))
    shifted = [
        ordered.with_columns(pl.col("row").shift(-step).over("block").alias("other")).drop_nulls("other")
        for step in range(1, WINDOW + 1)
    ]
    both = pl.concat(shifted).select(low=pl.min_horizontal("row", "other"), high=pl.max_horizontal("row", "other"))
    return both.select(pair=pl.col("low") * size + pl.col("high"))["pair"].unique()
