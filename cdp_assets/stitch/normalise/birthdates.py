"""Gives birthdates as ISO text."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.normalise import word_lists
from cdp_assets.stitch.normalise.text import folded
from cdp_assets.stitch.normalise.values import said_where

NO_BIRTHDATE = word_lists.kinds("no_value", ",")["birthdate"]


def birthdates(values: pl.Series) -> pl.Series:
    """Give dates as `YYYY-MM-DD`, null where a value is none or a placeholder.

    Reads ISO dates and timestamps, `YYYYMMDD`, `DD.MM.YYYY`, and `MM/DD/YYYY` or, where only that can be, `DD/MM/YYYY`.
    A day or month that no calendar has (`1862-10-71`) is a slip of the pen in a date that was meant: it stays as it
    was written, for it still resembles the right one.
    """
    text = folded(values)
    parts = pl.DataFrame({"text": text}).select(
        iso=pl.col("text").str.extract(r"^(\d{4}-\d{2}-\d{2})(?:$|[T ])"),
        solid=pl.col("text").str.replace(r"^(\d{4})(\d{2})(\d{2})$", "$1-$2-$3"),
        dotted=pl.col("text").str.extract_groups(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$"),
        slashed=pl.col("text").str.extract_groups(r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$"),
        text="text",
    )
    solid = pl.when(pl.col("solid") != pl.col("text")).then("solid")
    found = parts.select(pl.coalesce("iso", solid, _dotted(), _slashed())).to_series()
    return said_where(found, ~(found.is_in(NO_BIRTHDATE) | found.str.starts_with("0000")))


def _dotted() -> pl.Expr:
    day, month, year = (pl.col("dotted").struct.field(place) for place in "123")
    return _iso(year, month, day)


def _slashed() -> pl.Expr:
    """Take the month first, as in the United States, unless it can only be a day."""
    first, second, year = (pl.col("slashed").struct.field(place) for place in "123")
    day_first = (first.cast(pl.Int32) > 12) & (second.cast(pl.Int32) <= 12)
    return pl.when(day_first).then(_iso(year, second, first)).otherwise(_iso(year, first, second))


def _iso(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    return pl.concat_str(year, month.str.zfill(2), day.str.zfill(2), separator="-")
