"""Gives the gender of a record: what its field says, or what its title does, as the profiles rank them."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from cdp_assets.stitch.normalise import name_parts, word_lists
from cdp_assets.stitch.normalise.text import folded, spaced
from cdp_assets.stitch.normalise.values import said_where

NORMALIZE, SKIP_DERIVE, DERIVED_FIRST = "normalize-gender", "skip-derive-gender", "prioritize-derived-gender"
WORDS = word_lists.spellings("genders")
_UNSAID = word_lists.kinds("no_value", ",")["all"] | word_lists.kinds("no_value", ",")["gender"] | {""}


def genders(values: pl.Series, profiles: Collection[str]) -> pl.Series:
    """Give what a field for the gender says: F or M with the profile `normalize-gender`, else the word itself."""
    words = spaced(folded(values))
    if NORMALIZE in profiles:
        return words.replace_strict(WORDS, default=None, return_dtype=pl.String)
    return said_where(words, ~words.is_in(_UNSAID))


def by_title(titles: pl.Series) -> pl.Series:
    """Give F or M where a title says it: `Mrs.` is F, `Dr` neither."""
    first = spaced(folded(titles)).str.extract(r"^(\S+)")
    said = dict.fromkeys(name_parts.MALE, "M") | dict.fromkeys(name_parts.FEMALE, "F")
    return first.replace_strict(said, default=None, return_dtype=pl.String)


def ranked(profiles: Collection[str]) -> pl.Expr:
    """Choose among gender, title_gender and name_gender: the record's own comes first unless a profile says no."""
    source, derived = pl.col("gender"), pl.coalesce("title_gender", "name_gender")
    if SKIP_DERIVE in profiles:
        return source
    return (pl.coalesce(derived, source) if DERIVED_FIRST in profiles else pl.coalesce(source, derived)).alias("gender")
