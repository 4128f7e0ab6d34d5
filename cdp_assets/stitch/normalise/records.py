"""Brings records into the spelling that Stitch compares; the originals stay in Unified Coalesced."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

import polars as pl

from cdp_assets.config.stitch import DEFAULT_PROFILES
from cdp_assets.stitch.normalise import birthdates, companies, emails, genders, phones, places
from cdp_assets.stitch.normalise.addresses import addresses
from cdp_assets.stitch.normalise.keys import SEPARATING, key, key_columns, separates
from cdp_assets.stitch.normalise.names import names
from cdp_assets.stitch.normalise.ordinals import columns_of
from cdp_assets.stitch.normalise.tails import without_tails
from cdp_assets.stitch.normalise.values import Column, first_said, nothing, spread, taken_apart
from cdp_assets.stitch.threads import each

KEYS = ("datasource", "pk")
COMPARED = (
    "given_name", "middle_name", "surname", "suffix", "email", "phone", "address", "unit", "po_box", "address2", "city",
    "state", "postal", "country", "birthdate", "gender", "company",
)  # fmt: skip
"""The columns that are compared, all texts or null."""
DOCUMENTED = ("full_address", "full_email")
"""Address and e-mail as the documents show them, for the output; two spellings of one are compared in other forms."""
READ = (
    "given_name", "middle_name", "surname", "full_name", "title", "generational_suffix", "email", "phone", "address",
    "address2", "city", "state", "postal", "country", "birthdate", "gender", "company",
)  # fmt: skip
SAID_IN: Mapping[str, Sequence[str]] = {
    "address": ("address", "unit", "po_box"),
    "address2": ("address", "unit", "po_box", "address2"),
    "full_name": ("given_name", "surname"),
    "generational_suffix": ("suffix",),
    "title": ("gender",),
}
"""Where it stands what a semantic says, if not in the column of its name."""
Change = Callable[[pl.Series], pl.Series]
PLAIN: Mapping[str, Change] = {
    "city": places.cities,
    "state": places.states,
    "postal": places.postals,
    "country": places.countries,
    "birthdate": birthdates.birthdates,
    "company": companies.companies,
}
"""Columns whose values are read one by one."""
PLACE = ("state", "country")
"""What a record's phones and postal codes are read by."""


def normalised(records: pl.DataFrame, profiles: Collection[str] = DEFAULT_PROFILES) -> pl.DataFrame:
    """Give datasource, pk, the columns of COMPARED and DOCUMENTED, every fk_, sk_ and bk_ column, then ck.

    Every column is text. A value that says nothing (blank, `N/A`, a phone of one digit) is null. There is one row per
    record, in the order of (datasource, pk) whatever the order of `records`.

    Args:
        records: datasource, pk and any of READ, these with ordinals (`email_1`), fk_, sk_, bk_ and ck columns; others
            are ignored.
        profiles: The documented pre-processing profiles.
    """
    order = records.select(pl.arg_sort_by(KEYS)).to_series()
    columns = without_tails(_columns(records, order, profiles), records.height)
    read = _read(columns, records.height, profiles)
    keys = records.select(*KEYS, *(key(name, profiles) for name in key_columns(records.columns)))[order]
    keys = keys.with_columns(_separating(keys, columns, profiles))
    return _in_order(pl.concat([keys, read], how="horizontal"))


def _columns(records: pl.DataFrame, order: pl.Series, profiles: Collection[str]) -> dict[str, Column]:
    """Give the column of each semantic; of one with ordinals it is each record's first value that says something."""
    given = columns_of(READ, records.columns)
    names = [name for columns in given.values() for name in columns]
    apart = dict(zip(names, each(lambda name: taken_apart(records[name], order), names), strict=True))
    found = {}
    for semantic, columns in given.items():
        first, *others = (apart[name] for name in columns)
        found[semantic] = first_said([first, *others], partial(_says, semantic, profiles)) if others else first
    return found


def _says(semantic: str, profiles: Collection[str], values: pl.Series) -> pl.Series:
    """Say which of some values of a semantic are more than a blank or a word for no value."""
    alone = Column(values, pl.int_range(len(values), eager=True))
    read = _read({semantic: alone}, len(values), profiles)
    said = pl.any_horizontal(pl.col(name).is_not_null() for name in SAID_IN.get(semantic, (semantic,)))
    return read.select(said).to_series()


def _read(columns: Mapping[str, Column], rows: int, profiles: Collection[str]) -> pl.DataFrame:
    """Give the columns of COMPARED and DOCUMENTED, and some that they are made of."""
    read = pl.concat(each(lambda part: part(columns, rows, profiles), PARTS), how="horizontal")
    return read.with_columns(
        places.with_zeroes(pl.col("postal"), pl.col("state"), pl.col("country")),
        genders.ranked(profiles),
    )


def _separating(keys: pl.DataFrame, columns: Mapping[str, Column], profiles: Collection[str]) -> list[pl.Series]:
    """Give the separation keys of profile semantics, spelled as these are: two spellings of a phone are one key."""
    beside = {name: columns[name] for name in PLACE if name in columns}
    unmoved = pl.int_range(keys.height, eager=True)
    found = []
    for name in keys.columns:
        if semantic := separates(name):
            read = _read({**beside, semantic: taken_apart(keys[name], unmoved)}, keys.height, profiles)
            found.append(read[SEPARATING[semantic]].alias(name))
    return found


def _names(columns: Mapping[str, Column], rows: int, _: Collection[str]) -> pl.DataFrame:
    return names(columns, rows)


def _addresses(columns: Mapping[str, Column], rows: int, _: Collection[str]) -> pl.DataFrame:
    return addresses(columns, rows)


def _plain(columns: Mapping[str, Column], rows: int, profiles: Collection[str]) -> pl.DataFrame:
    """Give the columns whose values are read one by one, and phone, which is read in the record's country."""
    read = pl.DataFrame({name: spread(columns.get(name), change, rows) for name, change in PLAIN.items()})
    return read.with_columns(phones.by_country(columns.get("phone"), read["country"], profiles))


def _emails(columns: Mapping[str, Column], rows: int, profiles: Collection[str]) -> pl.DataFrame:
    """Give email and full_email of each row."""
    column = columns.get("email")
    if column is None:
        return pl.DataFrame({"email": nothing(rows), "full_email": nothing(rows)})
    return pl.DataFrame({part.name: column.spread(part) for part in emails.emails(column.values, profiles)})


def _genders(columns: Mapping[str, Column], rows: int, profiles: Collection[str]) -> pl.DataFrame:
    """Give gender, what the record says, and title_gender, what its title does."""
    said = spread(columns.get("gender"), lambda values: genders.genders(values, profiles), rows)
    return pl.DataFrame({"gender": said, "title_gender": spread(columns.get("title"), genders.by_title, rows)})


PARTS: Sequence[Callable[[Mapping[str, Column], int, Collection[str]], pl.DataFrame]] = (
    _addresses,
    _names,
    _emails,
    _plain,
    _genders,
)
"""What is read apart from the rest, the longest first."""


def _in_order(found: pl.DataFrame) -> pl.DataFrame:
    """Give the columns in the order that is promised, ck even where the tenant has none."""
    keyed = [name for name in found.columns if name.startswith(("fk_", "sk_", "bk_"))]
    ck = pl.col("ck") if "ck" in found.columns else pl.lit(None, dtype=pl.String).alias("ck")
    return found.select(*KEYS, *COMPARED, *DOCUMENTED, *keyed, ck)
