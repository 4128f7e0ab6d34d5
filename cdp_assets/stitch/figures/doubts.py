"""Where people may be wrong: suspect ones, namesakes, and the values that join most records."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

ID = "amperity_id"
MOST: Mapping[str, int] = {"given_name": 3, "surname": 3, "postal": 5, "birthdate": 2}
"""A person with more values than so many is suspect; the first three are the documented benchmarks'."""
CONTACTS: Mapping[str, tuple[str, ...]] = {"email": ("email",), "phone": ("phone",), "address": ("address", "postal")}
BETWEEN = ", "


def suspects(preprocessed: pl.DataFrame, records: pl.DataFrame, most: int) -> pl.DataFrame:
    """Give the people who look like several: amperity_id, compared, given_name, surname, postal, birthdate, reasons.

    compared: records without duplicates; then how many values of each kind the person has; reasons: what there is
    too much of. Those with the most reasons first, then the largest. `preprocessed` is unified_preprocessed_raw,
    `records` stitch_records.
    """
    large = records.filter("is_supersized").select("datasource", "pk", is_large=pl.lit(True))
    marked = preprocessed.join(large, on=["datasource", "pk"], how="left")
    people = marked.group_by(ID).agg(
        compared=pl.len().cast(pl.Int64),
        is_large=pl.col("is_large").any(),
        **{name: pl.col(name).drop_nulls().n_unique().cast(pl.Int64) for name in MOST},
    )
    why = {name: pl.col(name) > limit for name, limit in MOST.items()} | {"supersized": pl.col("is_large")}
    named = [pl.when(holds).then(pl.lit(name)) for name, holds in why.items()]
    reasons = people.with_columns(reasons=pl.concat_str(named, separator=BETWEEN, ignore_nulls=True))
    found = reasons.filter(pl.col("reasons") != "").drop("is_large")
    return worst_suspects(found, most)


def worst_suspects(suspects: pl.DataFrame, most: int) -> pl.DataFrame:
    """Give those with the most reasons first, then the largest."""
    by = [pl.col("reasons").str.count_matches(BETWEEN), "compared", ID]
    return suspects.sort(by, descending=[True, True, False]).head(most)


def namesakes(preprocessed: pl.DataFrame, most: int) -> pl.DataFrame:
    """Give the full names of most people: given_name, surname, people, compared; names of one person are left out."""
    known = preprocessed.drop_nulls(["given_name", "surname"])
    found = known.group_by("given_name", "surname").agg(
        people=pl.col(ID).n_unique().cast(pl.Int64), compared=pl.len().cast(pl.Int64)
    )
    return commonest_names(found.filter(pl.col("people") > 1), most)


def commonest_names(names: pl.DataFrame, most: int) -> pl.DataFrame:
    """Give the names of most people first, then those of most records."""
    order = ["people", "compared", "given_name", "surname"]
    return names.sort(order, descending=[True, True, False, False]).head(most)


def joining_values(preprocessed: pl.DataFrame, most: int) -> pl.DataFrame:
    """Give the values behind most merges: semantic, value, pairs, people, compared.

    pairs: pairs of one person's records that have the value in common, duplicates apart. people: who has it at all.
    An address counts with its postal code and shows without.
    """
    found = [_joining(preprocessed, semantic, columns) for semantic, columns in CONTACTS.items()]
    return strongest_values(pl.concat(found).filter(pl.col("pairs") > 0), most)


def strongest_values(values: pl.DataFrame, most: int) -> pl.DataFrame:
    """Give the values that join most pairs first."""
    order = ["pairs", "semantic", "value", "compared"]
    return values.sort(order, descending=[True, False, False, True]).head(most)


def _joining(preprocessed: pl.DataFrame, semantic: str, columns: tuple[str, ...]) -> pl.DataFrame:
    known = preprocessed.filter(pl.col(semantic).is_not_null())
    people = known.group_by(*columns, ID).agg(records=pl.len().cast(pl.Int64))
    pairs = (pl.col("records") * (pl.col("records") - 1) // 2).sum()
    values = people.group_by(columns).agg(pairs=pairs, people=pl.len().cast(pl.Int64), compared=pl.col("records").sum())
    return values.select(
        pl.lit(semantic).alias("semantic"), pl.col(semantic).alias("value"), "pairs", "people", "compared"
    )
