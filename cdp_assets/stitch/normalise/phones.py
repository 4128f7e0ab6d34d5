"""Gives phone numbers as the digits by which one subscriber is known, at most the last ten."""

from __future__ import annotations

from collections.abc import Collection

import phonenumbers
import polars as pl

from cdp_assets.stitch.normalise import word_lists
from cdp_assets.stitch.normalise.text import folded
from cdp_assets.stitch.normalise.values import Column, changed_where, nothing, said_where

MOST_DIGITS, FEWEST_DIGITS = 10, 7
NO_PHONE = word_lists.kinds("no_value", ",")["phone"]
AUSTRALIA = "australian-customer"
DIRECTORY = "5551212"
"""Directory assistance in every area of North America."""
NORTH_AMERICA = frozenset(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1])
_CODES = "|".join(sorted((str(code) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE if code != 1), reverse=True))
_ABROAD = rf"^(?:\+|00|011)(?:{_CODES})([0-9]{{5,}})$"
"""A country's code and the number in it; no code begins another, so the first that fits is right."""
_ONE_DIGIT = rf"^(?:{'|'.join(f'{digit}+' for digit in range(10))})$"
_EXTENSION = r"(?i)\s*(?:ext?n?\.?|extension|x|#|;|/|,|\bor\b).*$"


def by_country(column: Column | None, countries: pl.Series, profiles: Collection[str]) -> pl.Series:
    """Give the phone of each row, read in the country of its record; with `australian-customer` Australia's if none."""
    if column is None:
        return nothing(len(countries)).alias("phone")
    regions = countries.fill_null("AU" if AUSTRALIA in profiles else "")
    if (regions.is_in(NORTH_AMERICA) | (regions == "")).all():
        return column.spread(phones(column.values)).alias("phone")
    rows = pl.DataFrame({"code": column.codes, "region": regions})
    known = rows.drop_nulls("code").unique(maintain_order=True)
    read = known.with_columns(phone=phones(column.values.gather(known["code"]), known["region"]))
    return rows.join(read, on=["code", "region"], how="left", maintain_order="left")["phone"]


def phones(values: pl.Series, regions: pl.Series | None = None) -> pl.Series:
    """Give the digits of each phone number, null where it is none.

    Numbers of North America are their ten digits, as documented. Others lose the code of the country and the zero
    that is dialled before the area at home, so that `+44 20 7946 0958` and `020 7946 0958` are one; no number of
    North America begins with a zero. An extension is cut. What has fewer than seven digits, or one digit all over,
    is no number.

    Args:
        values: Phone numbers, none null.
        regions: The country of each, for numbers written with its code but without a `+`.
    """
    typed = _as_typed(folded(values)).str.replace(_EXTENSION, "").str.replace(r"\(0\)", "")
    dialled = typed.str.replace_all(r"[^0-9+]", "").str.replace(r"(.)\+.*$", "$1")
    junk = _is_junk(dialled.str.replace_all("+", "", literal=True).str.tail(MOST_DIGITS))
    if regions is not None:
        dialled = _at_home(dialled, regions)
    national = dialled.str.replace(_ABROAD, "$1").str.replace_all("+", "", literal=True)
    digits = national.str.tail(MOST_DIGITS).str.strip_chars_start("0")
    return said_where(digits, ~(junk | _is_junk(digits)))


def _as_typed(texts: pl.Series) -> pl.Series:
    """Undo what a spreadsheet or a data frame makes of a number: `2065551234.0`, `2.065551234E+09`."""
    plain = texts.str.replace(r"^(\+?\d{7,})\.0*$", "$1")
    scientific = plain.str.contains(r"^\d(?:\.\d+)?E\+?\d{1,2}$")
    return changed_where(plain, scientific, (str(int(float(text))) for text in plain.filter(scientific)))


def _at_home(dialled: pl.Series, regions: pl.Series) -> pl.Series:
    """Let the rules of its country say which digits of a number belong to it (Russia dials 8 first, Mexico 01)."""
    hard = (regions != "") & ~regions.is_in(NORTH_AMERICA) & ~dialled.str.contains(r"^(?:0[1-9]|\+)")
    return changed_where(dialled, hard, map(_national, dialled.filter(hard), regions.filter(hard)))


def _national(dialled: str, region: str) -> str:
    try:
        number = phonenumbers.parse(dialled, region)
    except phonenumbers.NumberParseException:
        return dialled
    return str(number.national_number)


def _is_junk(digits: pl.Series) -> pl.Series:
    few, one_digit = digits.str.len_bytes() < FEWEST_DIGITS, digits.str.contains(_ONE_DIGIT)
    return few | one_digit | digits.is_in(NO_PHONE) | digits.str.ends_with(DIRECTORY)
