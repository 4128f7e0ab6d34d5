"""Gives birthdates as ISO text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from cdp_assets.stitch.normalise import word_lists
from cdp_assets.stitch.normalise.text import folded
from cdp_assets.stitch.normalise.values import said_where

NO_BIRTHDATE = word_lists.kinds("no_value", ",")["birthdate"]
MONTHS: Mapping[str, Sequence[str]] = {
    "01": ("JAN", "GEN", "ENE"), "02": ("FEB", "FEV"), "03": ("MAR", "MRT", "MAE"), "04": ("APR", "AVR", "ABR"),
    "05": ("MAY", "MAI", "MEI", "MAG"), "06": ("JUN", "JUIN", "GIU"), "07": ("JUL", "JUIL", "LUG"),
    "08": ("AUG", "AOU", "AGO"), "09": ("SEP", "SET"), "10": ("OCT", "OKT", "OTT", "OUT"), "11": ("NOV",),
    "12": ("DEC", "DEZ", "DIC"),
}  # fmt: skip
"""How months begin in English, German, French, Spanish, Italian, Portuguese and Dutch. Source: Unicode CLDR."""
CENTURY_FROM = 30
"""Years of two digits from here on are of the last century, as spreadsheets have it; source: Excel's 2029 rule."""
_END = r"(?:$|[T ,])"
_YEAR = r"(\d{4}|\d{2})"
_MONTH = "|".join(head for heads in MONTHS.values() for head in heads)
FORMS: Mapping[str, tuple[str, str]] = {
    "year first": (rf"^(\d{{4}})[-/. ](\d{{1,2}})[-/. ](\d{{1,2}}){_END}", "ymd"),
    "in Chinese, Japanese or Korean": (r"^(\d{4}) ?(?:NIAN|NYEON) ?(\d{1,2}) ?(?:YUE|WOL) ?(\d{1,2})", "ymd"),
    "solid, year first": (r"^((?:1[5-9]|20)\d{2})(0\d|1[0-2])(\d{2})$", "ymd"),
    "solid, month first": (r"^(0\d|1[0-2])([0-2]\d|3[01])((?:1[5-9]|20)\d{2})$", "mdy"),
    "solid, day first": (r"^([0-2]\d|3[01])(0\d|1[0-2])((?:1[5-9]|20)\d{2})$", "dmy"),
    "solid, with a slip": (r"^(\d{4})(\d{2})(\d{2})$", "ymd"),
    "dotted": (rf"^(\d{{1,2}})\. ?(\d{{1,2}})\. ?{_YEAR}{_END}", "dmy"),
    "day first, as only that can be": (rf"^(1[3-9]|[23]\d)[/-](0?\d|1[0-2])[/-]{_YEAR}{_END}", "dmy"),
    "month first": (rf"^(\d{{1,2}})[/-](\d{{1,2}})[/-]{_YEAR}{_END}", "mdy"),
    "named month, day first": (
        rf"^(\d{{1,2}})(?:ST|ND|RD|TH|ER|\.)?[ /-]*(?:DE |OF )?({_MONTH})[A-Z]*[ .,/-]*(?:DE |DEL )?{_YEAR}{_END}",
        "dmy",
    ),
    "named month first": (rf"^({_MONTH})[A-Z]*[ .,/-]*(\d{{1,2}})(?:ST|ND|RD|TH)?[ .,/-]+{_YEAR}{_END}", "mdy"),
}  # fmt: skip
"""The forms that are read, the first that fits: their parts, and of what these are."""


def birthdates(values: pl.Series) -> pl.Series:
    """Give dates as `YYYY-MM-DD`, null where a value is none or a placeholder.

    Reads dates of FORMS, with the time of day behind them or not; where the month or the day may be first, the month
    is, as in the United States. A day or month that no calendar has (`1862-10-71`) is a slip of the pen in a date that
    was meant: it stays as it was written, for it still resembles the right one.
    """
    text = folded(values).str.replace(r"^(\d{8})\.0$", "$1")
    found = pl.select(pl.coalesce(_read(text, *form) for form in FORMS.values())).to_series()
    return said_where(found, ~(found.is_in(NO_BIRTHDATE) | found.str.starts_with("0000")))


def _read(text: pl.Series, pattern: str, order: str) -> pl.Series:
    """Give the dates of one form, null for other texts."""
    parts = text.str.extract_groups(pattern).struct.rename_fields(list(order)).struct.unnest()
    by_name = {head: month for month, heads in MONTHS.items() for head in heads}
    year, month, day = pl.col("y"), pl.col("m").replace(by_name), pl.col("d")
    century = pl.when(year.cast(pl.Int32) >= CENTURY_FROM).then(pl.lit("19")).otherwise(pl.lit("20"))
    whole = pl.when(year.str.len_bytes() == 2).then(pl.concat_str(century, year)).otherwise(year)
    return parts.select(pl.concat_str(whole, month.str.zfill(2), day.str.zfill(2), separator="-")).to_series()
