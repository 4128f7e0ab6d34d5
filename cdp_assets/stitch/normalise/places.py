"""Gives towns, states, postal codes and countries one spelling each."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.normalise import word_lists
from cdp_assets.stitch.normalise.text import folded, spaced
from cdp_assets.stitch.normalise.values import said_where

_NO_VALUE = word_lists.kinds("no_value", ",")
_NO_VALUE_PACKED = frozenset(words.replace(" ", "") for words in _NO_VALUE["all"])
REGIONS = word_lists.spellings("regions", ",")
COUNTRIES = word_lists.spellings("countries", ",")
TOWN_WORDS = {"ST": "SAINT", "STE": "SAINTE", "FT": "FORT", "MT": "MOUNT"}
"""Words that begin the name of a town, in full."""
ZEROES_LOST = ("CT", "MA", "ME", "NH", "NJ", "PR", "RI", "VT", "VI")
"""States whose ZIP codes begin with a zero, which spreadsheets eat. Source: USPS Publication 65."""


def cities(values: pl.Series) -> pl.Series:
    """Give towns in words: `St. Louis` is SAINT LOUIS, `Saint-Étienne` SAINT ETIENNE."""
    words = spaced(folded(values))
    first = words.str.extract(r"^(\S+) ")
    full = first.replace_strict(TOWN_WORDS, default=None, return_dtype=pl.String)
    spelled = pl.select(
        pl.when(full.is_not_null()).then(full + words.str.slice(first.str.len_bytes())).otherwise(words)
    )
    return _said(spelled.to_series(), "city")


def states(values: pl.Series) -> pl.Series:
    """Give states and provinces by their codes, `California` and `Calif.` both as CA; others as they are."""
    words = spaced(folded(values))
    return _said(words.replace_strict(REGIONS, default=words, return_dtype=pl.String), "state")


def countries(values: pl.Series) -> pl.Series:
    """Give countries by their two letters, `Deutschland`, `Germany` and `DEU` all as DE; others as they are."""
    words = spaced(folded(values))
    return _said(words.replace_strict(COUNTRIES, default=words, return_dtype=pl.String), "country")


def postals(values: pl.Series) -> pl.Series:
    """Give postal codes without spaces or hyphens, of ZIP+4 the ZIP: `98101-1234` is 98101, `k1a 0b1` K1A0B1."""
    typed = folded(values).str.replace(r"^(\d+)\.0$", "$1")
    plain = typed.str.replace_all(r"[^A-Z0-9]", "").str.replace(r"^(\d{5})\d{4}$", "$1")
    return said_where(_said(plain, "postal"), ~plain.is_in(_NO_VALUE_PACKED))


def with_zeroes(postal: pl.Expr, state: pl.Expr, country: pl.Expr) -> pl.Expr:
    """Give a ZIP code of four digits the zero that it lost, where the state says so and no other country."""
    lost = state.is_in(ZEROES_LOST) & country.fill_null("US").is_in(("US", "PR", "VI"))
    return pl.when(lost & postal.str.contains(r"^[0-9]{4}$")).then("0" + postal).otherwise(postal).alias("postal")


def _said(words: pl.Series, semantic: str) -> pl.Series:
    unsaid = _NO_VALUE["all"] | _NO_VALUE.get(semantic, frozenset()) | {""}
    return said_where(words, ~words.is_in(unsaid))
