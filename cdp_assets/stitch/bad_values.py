"""Finds values that belong to too many people to say who somebody is: a store's phone, a shared mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cdp_assets.config.stitch import BadValueRule

PROXY_LETTERS = {"given-name": 3, "surname": 4}
"""Proxies are told apart by their first letters, so that spellings of one name count once."""
COLUMNS = {"given-name": "given_name", "surname": "surname"}
FLAGS = ("address", "email", "given_name", "phone", "surname")


@dataclass(frozen=True)
class Judged:
    """Records without their bad values, and where those were.

    flags: has_blv and blv_<semantic> per record, booleans.
    """

    records: pl.DataFrame
    flags: pl.DataFrame


def without_bad_values(records: pl.DataFrame, rules: Sequence[BadValueRule]) -> Judged:
    """Set to null every value that comes with more distinct proxies than its rule allows."""
    found = {flag: pl.repeat(False, records.height, eager=True) for flag in FLAGS}
    for rule in rules:
        found[rule.semantic] = found[rule.semantic] | _is_bad(records, rule)
    flags = pl.DataFrame({f"blv_{flag}": bad for flag, bad in found.items()})
    cleaned = records.with_columns(
        pl.when(~found[column]).then(pl.col(column)).alias(column) for column in ("email", "phone", "address")
    )
    return Judged(cleaned, flags.with_columns(has_blv=pl.any_horizontal(pl.all())))


def _is_bad(records: pl.DataFrame, rule: BadValueRule) -> pl.Series:
    proxy = pl.col(COLUMNS[rule.proxy]).str.head(PROXY_LETTERS[rule.proxy])
    place = ["address", "postal"] if rule.semantic == "address" else [rule.semantic]
    counts = (
        records.filter(pl.col(rule.semantic).is_not_null())
        .group_by(place)
        .agg(proxies=proxy.drop_nulls().n_unique())
        .filter(pl.col("proxies") > rule.threshold)
    )
    judged = records.select(place).join(
        counts.with_columns(bad=pl.lit(True)), on=place, how="left", nulls_equal=True, maintain_order="left"
    )
    return judged["bad"].fill_null(False)
