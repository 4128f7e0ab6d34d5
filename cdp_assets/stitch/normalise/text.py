"""Brings texts of any script to upper-case ASCII, whatever was typed, pasted or broken on the way."""

from __future__ import annotations

import re
import unicodedata

import polars as pl
from anyascii import anyascii

from cdp_assets.stitch.normalise.values import changed_where

MOST_CHARACTERS = 200
"""What is longer is no name, street or town; the rest is not read, so that hostile values cost nothing."""
_UNSAID = frozenset(("Cf", "Co", "Cs", "Cn", "So", "Sk"))
"""Categories of characters that say nothing: zero-width and bidirectional marks, private use, emoji."""
_ODD = r"[^\x20-\x7E]"


def folded(values: pl.Series) -> pl.Series:
    """Give texts in upper-case ASCII letters, digits and punctuation, each at most MOST_CHARACTERS long.

    Accents go (`Müller` is `MULLER`), other scripts are transliterated (`Иванов` is `IVANOV`), full-width forms
    are taken for what they show, and control characters for spaces.
    """
    cut = values.str.head(MOST_CHARACTERS)
    odd = cut.str.contains(_ODD)
    return changed_where(cut, odd, map(_ascii, cut.filter(odd))).str.to_uppercase().str.strip_chars()


def composed(values: pl.Series) -> pl.Series:
    """Give texts in their own script, composed and without characters that nobody sees."""
    odd = values.str.contains(_ODD)
    return changed_where(values, odd, map(_composed, values.filter(odd)))


def spaced(values: pl.Series, kept: str = "A-Z0-9") -> pl.Series:
    """Give folded texts with one space for every run of characters that are not `kept`; apostrophes close up."""
    close = values.str.replace_all(r"['`.]", "")
    return close.str.replace_all(rf"[^{kept}]+", " ").str.strip_chars()


def _ascii(text: str) -> str:
    return re.sub(_ODD, "", anyascii(_composed(text)))[:MOST_CHARACTERS]


def _composed(text: str) -> str:
    return "".join(map(_said, unicodedata.normalize("NFKC", text)))


def _said(character: str) -> str:
    category = unicodedata.category(character)
    return "" if category in _UNSAID else " " if category == "Cc" else character
