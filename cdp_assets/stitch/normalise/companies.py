"""Gives companies by their names without the legal form, which is left out as often as not."""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.normalise import word_lists
from cdp_assets.stitch.normalise.text import folded, spaced
from cdp_assets.stitch.normalise.values import said_where

_UNSAID = word_lists.kinds("no_value", ",")["all"] | {"", "SELF", "SELF EMPLOYED", "RETIRED", "INDIVIDUAL", "PERSONAL"}
_LEGAL_FORM = rf"(?: (?:{'|'.join(word_lists.words('legal_forms'))}))+$"


def companies(values: pl.Series) -> pl.Series:
    """Give names of companies: `The ACME Co., Inc.` and `Acme` are both ACME."""
    words = spaced(folded(values).str.replace_all("&", " AND ", literal=True))
    bare = words.str.replace(r"^THE (\S)", "$1").str.replace(_LEGAL_FORM, "")
    return said_where(bare, ~bare.is_in(_UNSAID))
