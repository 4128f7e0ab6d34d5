"""Patterns of dates, MySQL's and Joda's, as pieces that Spark can format."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from cdp_assets.audiences.values import Refused, text

Piece = tuple[str, str]
"""`pattern` and Spark's letters, `text` and what stands there, or `sql` and a template of its own."""
MYSQL = {
    "a": "EEE", "b": "MMM", "c": "M", "d": "dd", "e": "d", "f": "SSSSSS", "H": "HH", "h": "hh", "I": "hh", "i": "mm",
    "j": "DDD", "k": "H", "l": "h", "M": "MMMM", "m": "MM", "p": "a", "r": "hh:mm:ss a", "S": "ss", "s": "ss",
    "T": "HH:mm:ss", "W": "EEEE", "Y": "yyyy", "y": "yy",
}  # fmt: skip
MYSQL_ABSENT = "DUuVwX"
"""Presto itself has none of these."""
WEEK = "lpad(CAST(weekofyear({0}) AS STRING), %d, '0')"
WEEK_YEAR = "CAST(extract(YEAROFWEEK FROM {0}) AS STRING)"
JODA_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")


def mysql_pieces(pattern: str) -> list[Piece]:
    """Read MySQL's pattern; raises Refused for a letter that Presto has not.

    >>> mysql_pieces("%Y-%v")
    [('pattern', 'yyyy'), ('text', '-'), ('sql', "lpad(CAST(weekofyear({0}) AS STRING), 2, '0')")]
    """
    found: list[Piece] = []
    letters = iter(pattern)
    for letter in letters:
        if letter != "%":
            found.append(("text", letter))
            continue
        code = next(letters, None)
        if code is None or code in MYSQL_ABSENT:
            raise Refused(f"%{code or ''} in a date pattern", "Presto has no such letter.")
        special = {"v": ("sql", WEEK % 2), "x": ("sql", WEEK_YEAR)}
        found.append(special.get(code) or (("pattern", MYSQL[code]) if code in MYSQL else ("text", code)))
    return found


def joda_pieces(pattern: str, zone: str) -> list[Piece]:
    """Read Joda's pattern; raises Refused for a letter that is not known to mean the same."""
    found: list[Piece] = []
    for token in JODA_TOKEN.finditer(pattern):
        written, letter = token[0], token[2]
        if letter is None:
            quoted = token[1]
            found.append(("text", written if quoted is None else quoted.replace("''", "'") or "'"))
            continue
        piece = _joda_piece(letter, len(written), zone)
        if piece is None:
            raise Refused(f"{written} in a date pattern", "Write letters of year, month, day, week and time.")
        found.append(piece)
    return found


def _joda_piece(letter: str, count: int, zone: str) -> Piece | None:
    if letter in "yY":
        return ("pattern", "yy" if count == len("yy") else "y" * max(count, 1))
    if letter == "E":
        return ("pattern", "EEE" if count < len("EEEE") else "EEEE")
    if letter in "dDaKhHkmsS" or letter == "M":
        return (
            "pattern",
            "a" if letter == "a" else letter * min(count, len("MMMM")) if letter == "M" else letter * count,
        )
    if letter == "w":
        return ("sql", WEEK % count if count > 1 else "CAST(weekofyear({0}) AS STRING)")
    if letter == "x":
        return ("sql", WEEK_YEAR)
    if letter == "e":
        return ("sql", f"lpad(CAST(weekday({{0}}) + 1 AS STRING), {count}, '0')")
    return _zone_piece(letter, count, zone)


def _zone_piece(letter: str, count: int, zone: str) -> Piece | None:
    if letter == "Z" and count >= len("ZZZ"):
        return ("text", zone)
    if letter == "Z" and zone == "UTC":
        return ("text", "+0000" if count == 1 else "+00:00")
    if letter == "Z" and zone[0] in "+-":
        return ("text", zone.replace(":", "") if count == 1 else zone)
    return ("text", "UTC") if letter == "z" and zone == "UTC" else None


def spelled(pieces: Sequence[Piece]) -> str:
    """Spell the formatting as a template of Spark SQL."""
    parts = []
    for own, group in itertools.groupby(pieces, key=lambda piece: piece[0] == "sql"):
        if own:
            parts += [sql for _, sql in group]
        else:
            parts.append(_formatted(list(group)))
    return parts[0] if len(parts) == 1 else f"concat({', '.join(parts) or text('')})"


def _formatted(pieces: Sequence[Piece]) -> str:
    """Spell neighbours as one pattern of Spark's, with text in quotes."""
    merged = []
    for kind, group in itertools.groupby(pieces, key=lambda piece: piece[0]):
        for _, written in [("", "".join(one for _, one in group))] if kind == "text" else list(group):
            merged.append("'" + written.replace("'", "''") + "'" if kind == "text" else written)
    return f"date_format({{0}}, {text(''.join(merged))})"
