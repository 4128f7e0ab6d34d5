"""Takes the town, state and postal code out of an address that was written into one line."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cdp_assets.stitch.normalise.places import COUNTRIES, REGIONS
from cdp_assets.stitch.normalise.street_lines import UNIT_WORD
from cdp_assets.stitch.normalise.text import folded
from cdp_assets.stitch.normalise.values import Column, nothing, taken_apart

TAKEN = ("city", "state", "postal")
_TOWN = r"(?P<city>[A-Z][A-Z .'\-]*?)"
_STATE = rf"(?P<state>{'|'.join(sorted(REGIONS, key=len, reverse=True))})"
_COUNTRY = rf"(?:,? (?:{'|'.join(sorted(COUNTRIES, key=len, reverse=True))}))?$"
_ZIP, _CANADIAN, _AUSTRALIAN = r"\d{5}(?:-\d{4})?", r"[A-Z]\d[A-Z] ?\d[A-Z]\d", r"\d{4}"
_BRITISH = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_UNIT = rf"^(?:{UNIT_WORD})\b"
"""How a part of a building begins, which is no town."""
FORMS = (
    rf", ?{_TOWN},? {_STATE},? (?P<postal>{_ZIP}|{_CANADIAN}|{_AUSTRALIAN}){_COUNTRY}",
    rf", ?{_TOWN},? {_STATE}{_COUNTRY}",
    rf", ?{_TOWN},? (?P<postal>{_BRITISH}){_COUNTRY}",
    rf", ?(?:[A-Z]{{1,2}}-)?(?P<postal>\d{{4,5}}|\d{{3}} \d{{2}}|\d{{5}}-\d{{3}}|\d{{2}}-\d{{3}}) {_TOWN}{_COUNTRY}",
)
"""How lines end that hold all of an address, the first that fits: as in the United States, Canada and Australia, with
or without the code, as in Great Britain, and with the code before the town as on the continent."""


def without_tails(columns: Mapping[str, Column], rows: int) -> dict[str, Column]:
    """Give the columns with what addresses say of towns, states and postal codes where the record has none of its own.

    `123 Main St, Seattle, WA 98101` is the street `123 MAIN ST`, and says where it is as three columns would.
    """
    address = columns.get("address")
    if address is None or not (read := tails(address.values))["is_tail"].any():
        return dict(columns)
    unmoved = pl.int_range(rows, eager=True)

    def told(name: str) -> Column:
        own = columns[name].spread(columns[name].values) if name in columns else nothing(rows)
        said = pl.select(pl.when(own.str.strip_chars() != "").then(own)).to_series()
        return taken_apart(pl.select(pl.coalesce(said, address.spread(read[name]))).to_series(), unmoved)

    return {**columns, "address": Column(read["address"], address.codes), **{name: told(name) for name in TAKEN}}


def tails(values: pl.Series) -> pl.DataFrame:
    """Give address (without its tail), city, state, postal and is_tail of each line; lines without one stay."""
    found = pl.DataFrame({"address": values, **dict.fromkeys(TAKEN, nothing(len(values)))})
    found = found.with_columns(is_tail=pl.lit(False)).with_row_index("row")
    several = values.str.contains_any([",", "\n", "\r"])
    if not several.any():
        return found.drop("row")
    line = values.filter(several).str.replace_all(r"\s*[\r\n]+\s*", ", ")
    text = folded(line).str.replace_all(r"\.(?: |$)", " ").str.replace_all(r" +", " ").str.strip_chars(" ,")
    some = _read(text).with_columns(found["row"].filter(several)).filter("is_tail")
    return found.update(some, on="row").drop("row")


def _read(text: pl.Series) -> pl.DataFrame:
    """Give the same of folded lines that may have a tail."""
    parts = pl.DataFrame({"text": text}).select(
        pl.col("text").str.extract_groups(rf"^(?P<address>.*?){form}").alias(str(place))
        for place, form in enumerate(FORMS)
    )
    found = parts.select(found=pl.coalesce(_fitting(parts.schema, name) for name in parts.columns))
    return found.select(pl.col("found").struct.unnest(), is_tail=pl.col("found").is_not_null())


def _fitting(schema: pl.Schema, form: str) -> pl.Expr:
    """Give address and TAKEN of the lines that end in a form's way, null for others."""
    said = {field.name for field in schema[form].fields}  # type: ignore[attr-defined]  # a struct
    fields = [
        pl.col(form).struct.field(name) if name in said else pl.lit(None, dtype=pl.String).alias(name)
        for name in ("address", *TAKEN)
    ]
    return pl.when(~pl.col(form).struct.field("city").str.contains(_UNIT)).then(pl.struct(fields))
