"""Reads plain lines of addresses all at once: a number and words, in either order, perhaps a unit after them.

Nearly all lines are so. `street_lines` reads the others one by one, and these as they are read here.
"""

from __future__ import annotations

import polars as pl

from cdp_assets.stitch.normalise.street_lines import (
    BOX_WORD,
    DIRECTIONS,
    NOT_STREETS,
    OPENING,
    STANDING_UNITS,
    STREET_WORDS,
    UNIT_WORD,
    UNIT_WORDS,
)

_UNIT = rf"^(?P<street>.+?),? (?:(?P<sign>#) ?|(?P<word>{UNIT_WORD}) ?)(?P<unit>[0-9]+[A-Z]?)$"
_NUMBER_LAST = r"^(?P<words>[A-Z]{2,}(?: [A-Z]{2,})*),? (?P<house>[0-9]+)(?P<letter> ?[A-Z])?$"
_EASY = r"^[0-9]+[A-Z]?(?: (?:N|S|E|W|[A-Z]{2,}|[0-9]+(?:ST|ND|RD|TH)))+$"
_DIRECTION = "|".join(sorted(DIRECTIONS))
_NOT_EASY = "|".join(
    (
        r"^[0-9]+ (?:BIS|TER|QUATER) ",
        r"^[0-9]+ (?:FLOOR|FLR?) [0-9]",
        r" (?:N|S|E|W) (?:ST|DR) ",
        rf" (?:ST|DR) (?:{_DIRECTION}|{UNIT_WORD}|[0-9]\w+)\b",
        rf" (?:{BOX_WORD})(?: |$)",
        rf" (?:{UNIT_WORD})(?: (?:N|S|E|W|[0-9]+[A-Z]+))?$",
        r"[0-9](?:ST|ND|RD|TH) (?:FLOOR|FLR?|ETAGE|STOCK|OG)$",
        rf" (?:{'|'.join(STANDING_UNITS)})$",
    )
)
"""Words that mean something else where they stand."""
_NOT_LAST = rf"(?:^|.* )(?:{'|'.join(sorted(NOT_STREETS))}|{UNIT_WORD}|{BOX_WORD})$"
"""Words after which a number is not that of a house."""
_OPENING = rf"^([0-9]+[A-Z]?(?: (?:{_DIRECTION}))?)"
_WORDS = {f" {word} ": f" {full} " for word, full in STREET_WORDS.items() if word != full}


def easy_lines(texts: pl.Series) -> tuple[pl.Series, pl.DataFrame]:
    """Give which lines are plain, and address, unit, po_box and full_address of those.

    The rows of the other lines say nothing of use.
    """
    lines = pl.DataFrame({"text": texts})
    lines = lines.with_columns(pl.col("text").str.extract_groups(_UNIT).struct.unnest())
    lines = lines.with_columns(pl.coalesce("street", "text").alias("street"))
    lines = lines.with_columns(pl.col("street").str.extract_groups(_NUMBER_LAST).struct.unnest())
    lines = lines.with_columns(
        house=pl.col("house") + pl.col("letter").fill_null("").str.strip_chars(),
        written=" " + pl.col("house") + pl.col("letter").fill_null(""),
    )
    lines = lines.with_columns(pl.coalesce(pl.col("house") + " " + pl.col("words"), "street").alias("street"))
    street = pl.col("street")
    easy = street.str.contains(_EASY) & ~street.str.contains(_NOT_EASY)
    lines = lines.with_columns(
        easy=easy & ~pl.col("words").str.contains(_NOT_LAST).fill_null(False),
        address=_in_full(street),
        po_box=pl.lit(None, dtype=pl.String),
    )
    lines = lines.with_columns(full_address=_as_written() + _unit_in_full())
    return lines["easy"], lines.select("address", "unit", "po_box", "full_address")


def _in_full(street: pl.Expr) -> pl.Expr:
    """Give the words of plain streets in full; two spaces between words let neighbours be found both."""
    for word, opening in OPENING.items():
        street = street.str.replace(rf"{_OPENING} {word} (\S)", f"$1 {opening} $2")
    german = street.str.replace_all(r"([A-Z]{2}STR)\b", "${1}ASSE")
    spread = " " + german.str.replace_all(" ", "  ", literal=True) + " "
    return spread.str.replace_many(_WORDS).str.replace_all("  ", " ", literal=True).str.strip_chars()


def _as_written() -> pl.Expr:
    """Give the street with its number where it was."""
    first = pl.col("address").str.replace(r"^\S+ ", "")
    return pl.coalesce(first + pl.col("written"), "address")


def _unit_in_full() -> pl.Expr:
    """Give ` SUITE 5` or ` #5` of a line with a unit, nothing of others."""
    word = pl.col("word").replace_strict(UNIT_WORDS, default=None, return_dtype=pl.String)
    before = pl.when(pl.col("sign").is_not_null()).then(pl.lit(" #")).otherwise(" " + word + " ")
    return (before + pl.col("unit")).fill_null("")
