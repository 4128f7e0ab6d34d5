"""Finds values that belong to too many people to say who somebody is: a store's phone, a shared mailbox."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.config.stitch import DEFAULT_PROFILES, BadValue, BadValueRule, Stitch
from cdp_assets.stitch.same_spelling import ANY_SOURCE, as_compared, rows_holding
from cdp_assets.stitch.semantic_columns import column_of
from cdp_assets.stitch.slots import of_more_than

PROXY_LETTERS = {"given_name": 3, "surname": 4}
"""Names are told apart by their first letters, so that spellings of one name count once."""
FLAGS = ("address", "email", "given_name", "phone", "surname")
"""Semantics with a `blv_` column of their own."""
GIVEN_SCHEMA: Mapping[str, type[pl.DataType]] = {
    "datasource": pl.String, "semantic": pl.String, "value": pl.String, "is_preprocessed": pl.Boolean,
}  # fmt: skip
"""The columns of a list of bad values as a tenant gives it."""
VALUES_SCHEMA: Mapping[str, type[pl.DataType]] = {
    "datasource": pl.String, "semantic": pl.String, "value": pl.String, "num_values": pl.Int64, "num_proxy": pl.Int64,
}  # fmt: skip
FOUND_SCHEMA: Mapping[str, type[pl.DataType]] = {"row": pl.Int64, **VALUES_SCHEMA}


@dataclass(frozen=True, eq=False)
class BadBy:
    """By what values are bad.

    rules: A value is bad when it comes with more distinct proxies than its rule allows.
    manual: Values that the settings name, as anybody would write them.
    given: The tenant's list: datasource, semantic, value, is_preprocessed (whether value is spelled as it is compared).
    profiles: The pre-processing profiles by which the records are spelled.
    """

    rules: Sequence[BadValueRule] = ()
    manual: Sequence[BadValue] = ()
    given: pl.DataFrame | None = None
    profiles: Collection[str] = DEFAULT_PROFILES

    @classmethod
    def of(cls, settings: Stitch, given: pl.DataFrame | None) -> BadBy:
        """Give what a tenant's settings and list say."""
        return cls(settings.badvalues_config, settings.bad_values, given, settings.pre_processing_profiles)

    def listed(self) -> pl.DataFrame:
        """Give GIVEN_SCHEMA: every value that is named, in all tables where none is said."""
        rows = [(one.datasource, one.semantic, one.value, False) for one in self.manual]
        written = pl.DataFrame(rows, schema=GIVEN_SCHEMA, orient="row")
        everything = written if self.given is None else pl.concat([written, self.given.select(list(GIVEN_SCHEMA))])
        return everything.with_columns(
            pl.col("is_preprocessed").fill_null(False), pl.col("datasource").fill_null(ANY_SOURCE)
        )


@dataclass(frozen=True)
class Judged:
    """Records without their bad values, and where those were.

    records: Without bad values. spelled: The same records with them.
    flags: has_blv and blv_<semantic> per record, booleans.
    values: datasource (`*`: any), semantic, value, num_values (records that hold it), num_proxy (the most distinct
    proxies that a rule counted with it; null where no rule found it).
    """

    records: pl.DataFrame
    spelled: pl.DataFrame
    flags: pl.DataFrame
    values: pl.DataFrame


def without_bad_values(records: pl.DataFrame, by: BadBy) -> Judged:
    """Set to null every value that a rule, the settings or the tenant's own list calls bad, as `bad_values` does."""
    bad = bad_values(records, by)
    rows = {column_of(name): bad.filter(semantic=name)["row"] for name in bad["semantic"].unique().sort()}
    return judged_by({column: mask_of(records.height, at) for column, at in rows.items()}, records, _values(bad))


def judged_by(masks: Mapping[str, pl.Series], records: pl.DataFrame, values: pl.DataFrame) -> Judged:
    """Set to null what is bad: column -> which records have a bad value in it; `values` are those of `Judged`."""
    return Judged(_nulled(records, masks), records, _flags_of(records.height, masks), values)


def with_rows(records: pl.DataFrame, rows: npt.NDArray[np.int64], cleaned: pl.DataFrame) -> pl.DataFrame:
    """Give records of which some rows have lost the values that `cleaned`, these rows, has lost."""
    some, masks = records[rows], dict[str, pl.Series]()
    for name in records.columns:
        lost = (cleaned[name].is_null() & some[name].is_not_null()).to_numpy()
        if lost.any():
            masks[name] = mask_of(records.height, rows[lost])
    return _nulled(records, masks)


def _nulled(records: pl.DataFrame, masks: Mapping[str, pl.Series]) -> pl.DataFrame:
    return records.with_columns(pl.when(~mask).then(pl.col(column)).alias(column) for column, mask in masks.items())


def bad_values(records: pl.DataFrame, by: BadBy) -> pl.DataFrame:
    """Give FOUND_SCHEMA: a row for every record with a value that a rule, the settings or the tenant's list calls bad.

    Columns in: normalised ones.
    """
    found = [_by_rule(records, rule) for rule in rules_about(by.rules, records.columns)]
    found += by_list(records, by.listed(), by.profiles)
    return pl.concat([pl.DataFrame(schema=FOUND_SCHEMA), *found])


def rules_about(rules: Sequence[BadValueRule], columns: Collection[str]) -> list[BadValueRule]:
    """Give the rules whose columns are there; of foreign keys, records have those that a feed of theirs has."""
    return [rule for rule in rules if {column_of(rule.semantic), column_of(rule.proxy)} <= set(columns)]


def mask_of(size: int, rows: pl.Series | npt.NDArray[np.int64]) -> pl.Series:
    """Say of so many rows which are some of them."""
    found = np.zeros(size, dtype=np.bool_)
    found[rows] = True
    return pl.Series(found)


def _flags_of(size: int, masks: Mapping[str, pl.Series]) -> pl.DataFrame:
    """Give blv_<semantic> for the documented five, and has_blv, which counts every other semantic too.

    masks: Column -> which records have a bad value in it.
    """
    nowhere = pl.repeat(False, size, eager=True)
    flags = pl.DataFrame({f"blv_{flag}": masks.get(flag, nowhere) for flag in FLAGS})
    return flags.with_columns(has_blv=pl.any_horizontal(nowhere, *masks.values()))


def _by_rule(records: pl.DataFrame, rule: BadValueRule) -> pl.DataFrame:
    """Give row, datasource, semantic, value, num_values, num_proxy of every record with a value that a rule finds."""
    column, proxy = column_of(rule.semantic), column_of(rule.proxy)
    place = place_of(column)
    distinct = pl.col(proxy).str.head(PROXY_LETTERS[proxy]) if proxy in PROXY_LETTERS else pl.col(proxy)
    held = records.select(*place, distinct=distinct).filter(pl.col(column).is_not_null())
    counts = (
        held.filter(_more_than(rule.threshold, held.select(place)))
        .group_by(place)
        .agg(num_values=pl.len().cast(pl.Int64), num_proxy=pl.col("distinct").drop_nulls().n_unique().cast(pl.Int64))
        .filter(pl.col("num_proxy") > rule.threshold)
    )
    numbered = records.select(place).with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    found = numbered.join(counts, on=place, nulls_equal=True, maintain_order="left")
    named = found.with_columns(datasource=pl.lit(ANY_SOURCE), semantic=pl.lit(rule.semantic), value=pl.col(column))
    return named.select(list(FOUND_SCHEMA))


def place_of(column: str) -> list[str]:
    """Give the columns that together are one value: a flat is a place, and so is a house without any."""
    return ["address", "unit", "postal"] if column == "address" else [column]


def _more_than(threshold: int, held: pl.DataFrame) -> pl.Series:
    """Say which rows are one of more than so many with the same values, and of few others."""
    return pl.Series(of_more_than(threshold, held.hash_rows(1).to_numpy()))


def by_list(records: pl.DataFrame, listed: pl.DataFrame, profiles: Collection[str]) -> list[pl.DataFrame]:
    """Give what `_by_rule` gives for listed values; a semantic that no record has finds nothing."""
    found = []
    for (semantic,), asked in listed.partition_by("semantic", as_dict=True, maintain_order=True).items():
        column = column_of(str(semantic))
        if column in records.columns and column not in ("datasource", "pk"):
            spelled = pl.when("is_preprocessed").then("value").otherwise(as_compared(column, asked["value"], profiles))
            values = asked.with_columns(value=spelled).drop_nulls("value").unique(maintain_order=True)
            held = rows_holding(values, column, records)
            counted = held.with_columns(num_values=pl.len().over("datasource", "value").cast(pl.Int64))
            found.append(counted.with_columns(num_proxy=pl.lit(None, pl.Int64)).select(list(FOUND_SCHEMA)))
    return found


def _values(bad: pl.DataFrame) -> pl.DataFrame:
    """Give each bad value once; an address of several flats or towns counts all of its records."""
    counts = bad.group_by("datasource", "semantic", "value").agg(
        num_values=pl.col("row").n_unique().cast(pl.Int64), num_proxy=pl.col("num_proxy").max()
    )
    return counts.select(list(VALUES_SCHEMA)).sort("datasource", "semantic", "value")
