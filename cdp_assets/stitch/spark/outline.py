"""Counts, over all people, what every worker must know to compare some of them as one process would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.lakehouse.stages import Stages
from cdp_assets.stitch.column import Floats
from cdp_assets.stitch.compare import FIELDS, TOLD, fields_filled
from cdp_assets.stitch.encode import Encoded, encode, is_worded
from cdp_assets.stitch.namesakes import NAMESAKES
from cdp_assets.stitch.normalise.nicknames import COMMON, Nicknames
from cdp_assets.stitch.normalise.records import DOCUMENTED
from cdp_assets.stitch.rarity import (
    MOST_OF_ONE,
    WITHOUT_RARITY,
    Shares,
    namesakes_of,
    rarity_column,
    shares_of,
    sources_of,
)
from cdp_assets.stitch.repeats import REPEATS
from cdp_assets.stitch.spark.frames import mapped
from cdp_assets.stitch.spark.numbered import ROW, Numbered
from cdp_assets.stitch.spelled import HASH
from cdp_assets.stitch.used_by_others import USED_BY_OTHERS

FILLED = {"name": pl.String, "filled": pl.Int64}
USES = {"field": pl.Int8, "value": pl.Int64, "name": pl.Int64, ROW: pl.Int64}
USERS = "_cdp_users_"
"""A column of profiles per counted field starts so: how many hold the person's value, null where nobody else does."""
NO_FIELD = -1
NOT_COMPARED = ("pk", *DOCUMENTED, "country", HASH)
"""Columns of people that no pair is compared by; a profile travels with each of its pairs, so it is kept small."""
SECOND_LINE = "address2"


@dataclass(frozen=True)
class Outline:
    """What is known of all people together.

    fields: What they are compared by. worded: Whether second address lines hold words. filled: Field -> how many
    people have a value in it. places: Those of the largest sources, where sources are compared.
    """

    size: int
    worded: bool
    fields: Sequence[str]
    filled: Mapping[str, int]
    places: Mapping[str, Shares]
    nicknames: Nicknames = COMMON

    def encoded(self, people: pl.DataFrame) -> Encoded:
        """Number the values of some people."""
        return encode(people, worded=self.worded, nicknames=self.nicknames)

    @property
    def counted(self) -> Sequence[str]:
        """The fields of which it counts how many hold a value."""
        return [name for name in self.fields if name not in (*WITHOUT_RARITY, REPEATS)]

    def shares(self, encoded: Encoded, people: pl.DataFrame) -> dict[str, Shares]:
        """Give how common the values of some profiles are among all."""
        found = {name: self._shares(encoded, name, people) for name in self.counted if name not in TOLD}
        found |= self.places
        if NAMESAKES in self.fields:
            bearers = _users(encoded, NAMESAKES, people)
            found[NAMESAKES] = namesakes_of(encoded, found, bearers, self.filled[NAMESAKES])
        return found

    def _shares(self, encoded: Encoded, name: str, people: pl.DataFrame) -> Shares:
        found = _users(encoded, name, people)
        return shares_of(name, rarity_column(encoded, name), found, self.size, self.filled[name])


def _users(encoded: Encoded, name: str, people: pl.DataFrame) -> Floats:
    """Give how many hold each value of a field; one, where nobody has been counted."""
    column, users = rarity_column(encoded, name), people[f"{USERS}{name}"]
    counted = users.is_not_null().to_numpy()
    found = np.ones(len(column))
    found[column.codes[counted]] = users.drop_nulls().to_numpy()
    return found


def outline_of(stages: Stages, people: Numbered, nicknames: Nicknames = COMMON) -> Outline:
    """Count the values of every field."""
    counted = mapped(people.frame(ROW), _filled, FILLED).groupBy("name").agg(f.sum("filled").alias("filled"))
    filled = {row["name"]: int(row["filled"]) for row in stages.answer(lambda: counted).to_pylist()}
    worded = is_worded(filled.get(SECOND_LINE, 0), people.size)
    if not worded:
        filled["address_words"] = 0
    shares = {name: filled.get(name, 0) / max(people.size, 1) for name in FIELDS}
    sources = _sources(stages, people)
    sizes = sources["size"].cast(pl.Float64).to_numpy()
    fields = fields_filled(shares, sizes)
    places = {REPEATS: sources_of(sources["datasource"], sizes)} if REPEATS in fields else {}
    return Outline(people.size, worded, fields, filled, places, nicknames)


def _sources(stages: Stages, people: Numbered) -> pl.DataFrame:
    """Give datasource, size: how many people each source has."""
    counted = people.frame(ROW).groupBy("datasource").agg(f.count("*").alias("size"))
    return pl.DataFrame(pl.from_arrow(stages.answer(lambda: counted)))


def _filled(people: pl.DataFrame) -> pl.DataFrame:
    encoded = encode(people, worded=True)
    columns = {name: encoded[field.column].codes for name, field in FIELDS.items()}
    rows = [(name, int((codes >= 0).sum())) for name, codes in columns.items()]
    return pl.DataFrame([*rows, (SECOND_LINE, people[SECOND_LINE].count())], schema=FILLED, orient="row")


def keep_profiles(stages: Stages, people: Numbered, outline: Outline) -> None:
    """Keep a stage `profiles`: what people are compared by, and with how many they share each value (USERS)."""
    stages.keep("uses", lambda: mapped(people.frame(ROW), partial(_uses, outline), USES))
    stages.keep("shared", lambda: _shared(stages.read("uses"), outline.counted))

    def profiles() -> DataFrame:
        held = stages.read("uses").join(stages.read("shared"), ["field", "value"])
        users = [f.max(f.when(f.col("field") == place, f.col("users"))) for place in range(len(outline.counted))]
        named = [one.alias(f"{USERS}{name}") for one, name in zip(users, outline.counted, strict=True)]
        return people.frame(ROW).drop(*NOT_COMPARED).join(held.groupBy(ROW).agg(*named), ROW, "left")

    stages.keep("profiles", profiles)
    for name in ("uses", "shared"):
        stages.drop(name)


def _uses(outline: Outline, people: pl.DataFrame) -> pl.DataFrame:
    """Give field, value, name (a given name's initial), row of every counted value; values are hashes."""
    encoded = outline.encoded(people)
    initial = encoded["initial"]
    names = pl.Series("name", initial.series().hash().reinterpret(signed=True)).gather(_or_null(initial.codes))
    found = [pl.DataFrame(schema=USES)]
    for place, field in enumerate(outline.counted):
        column = rarity_column(encoded, field)
        values = pl.Series("value", column.series().hash().reinterpret(signed=True)).gather(_or_null(column.codes))
        rows = pl.DataFrame([values, names, people[ROW]]).drop_nulls("value")
        found.append(rows.select(field=pl.lit(place, dtype=pl.Int8), value="value", name="name", row=ROW))
    return pl.concat(found)


def _or_null(codes: np.ndarray[tuple[int], np.dtype[np.int32]]) -> pl.Series:
    numbers = pl.Series(codes)
    return numbers.set(numbers < 0, None).cast(pl.UInt32)


def _shared(uses: DataFrame, fields: Sequence[str]) -> DataFrame:
    """Give field, value, users of the values that several records hold or, of contacts, several names."""
    contacts = [place for place, name in enumerate(fields) if name in USED_BY_OTHERS] or [NO_FIELD]
    by_name = uses.groupBy("field", "value", "name").agg(f.count("*").alias("records"))
    values = by_name.groupBy("field", "value").agg(
        f.sum("records").cast("double").alias("records"), f.count("name").cast("double").alias("names")
    )
    many = f.when(f.col("records") > MOST_OF_ONE, f.col("records") / 2).otherwise(0.0)
    people = f.greatest(f.col("names"), many)
    users = f.when(f.col("field").isin(*contacts), people).otherwise(f.col("records"))
    return values.select("field", "value", users.alias("users")).where(f.col("users") > 1)
