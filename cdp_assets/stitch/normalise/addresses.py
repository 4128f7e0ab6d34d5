"""Gives the street, the part of the building and the PO box of each record's two address lines."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from cdp_assets.stitch.normalise import street_lines, word_lists
from cdp_assets.stitch.normalise.easy_lines import easy_lines
from cdp_assets.stitch.normalise.street_lines import Line
from cdp_assets.stitch.normalise.text import folded
from cdp_assets.stitch.normalise.values import Column, nothing, said_where, thought_over

_NO_VALUE = word_lists.kinds("no_value", ",")
NO_ADDRESS = _NO_VALUE["all"] | _NO_VALUE["address"]
_BARE_NUMBER = r"^[A-Z]?[0-9]+[A-Z]?$"


def addresses(columns: Mapping[str, Column], rows: int) -> pl.DataFrame:
    """Give address, unit, po_box, address2 and full_address of each row.

    address: the street alone, its words in full and its house number first: what is compared.
    unit: flat, suite or floor, from either line. po_box: its number.
    address2: what the second line says beside those, such as the name of a house.
    full_address: both lines as the documents show them: `1000 FIRST AVENUE SUITE 1960`.
    """
    first = _spread(columns.get("address"), "", rows)
    second = _spread(columns.get("address2"), "2", rows)
    street, other = pl.col("address"), pl.col("address2")
    bare = other.str.contains(_BARE_NUMBER)
    swapped = ~street.fill_null("").str.contains("[0-9]") & other.str.contains("^[0-9]") & ~bare
    return pl.concat([first, second], how="horizontal").select(
        pl.when(swapped).then(other).otherwise(street).alias("address"),
        pl.coalesce("unit", "unit2", pl.when(bare).then(other)).alias("unit"),
        pl.coalesce("po_box", "po_box2").alias("po_box"),
        pl.when(swapped).then(street).when(~bare).then(other).alias("address2"),
        _both("full_address", "full_address2"),
    )


def _both(one: str, other: str) -> pl.Expr:
    both = pl.concat_str(one, other, separator=" ", ignore_nulls=True)
    return pl.when(both != "").then(both).alias(one)


def _spread(column: Column | None, mark: str, rows: int) -> pl.DataFrame:
    if column is None:
        return pl.DataFrame({f"{name}{mark}": nothing(rows) for name in Line._fields})
    read = lines(column.values)
    return pl.DataFrame({f"{name}{mark}": column.spread(read[name]) for name in Line._fields})


def lines(values: pl.Series) -> pl.DataFrame:
    """Give what each line of an address says, as `street_lines.line` does; plain lines are read all at once."""
    texts = folded(values).str.replace_all(r"\.( |$)", "$1").str.strip_chars(" ,")
    words = texts.str.replace_all(r"[^A-Z0-9/]+", " ").str.strip_chars()
    said = said_where(texts, ~words.is_in(NO_ADDRESS)).fill_null("")
    easy, plain = easy_lines(said)
    return thought_over(said, easy, plain, street_lines.line)
