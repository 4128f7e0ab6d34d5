"""Tells how delimited text is built: its delimiter, its escape, whether it begins with a header, its word for NULL."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from cdp_assets.config.file_format import DELIMITERS, DelimitedFormat

_CANDIDATES = (",", "\t", "|", ";", "^", "~", "\x01", "§", "¦", ":")
"""In the order in which they win where several do as well."""
_ENDINGS = {"csv": ",", "tsv": "\t", "tab": "\t", "psv": "|"}
_RECORDS = 500
_ALIKE = 0.9
"""The share of records with equally many fields from which on a delimiter is believed."""
_NULLS = ("NULL", "Null", "null", r"\N", "(null)", "<null>")
_VALUE = re.compile(r"[-+]?[\d.,:/ -]*\d[\d.,:/ %-]*|.+@.+\..+|true|false|", re.IGNORECASE)
"""Numbers, dates, e-mail addresses, words for true and false, and nothing: no name of a column looks so."""
Records = Sequence[Sequence[str]]


def delimited_format(text: str, name: str, encoding: str | None) -> DelimitedFormat | None:
    """Give the format of a text that is parted by one character, nothing where none parts it evenly.

    A text of one column is delimited where the file's name ends as such files do.
    """
    ending = next((part for part in reversed(name.lower().split(".")) if part in _ENDINGS), None)
    found = max((_tried(text, delimiter) for delimiter in _CANDIDATES), key=lambda one: one.weight(ending))
    if found.width < 2 and ending is None:
        return None
    delimiter = found.delimiter if found.width > 1 else _ENDINGS[ending or "csv"]
    kind = next((kind for kind, own in DELIMITERS.items() if own == delimiter), "dsv")
    return DelimitedFormat.model_validate(
        {
            "kind": kind,
            "delimiter": delimiter if kind == "dsv" else None,
            "escape": found.escape,
            "header": has_header(found.records),
            "null_values": [word for word in _NULLS if any(word in record for record in found.records)],
            "encoding": encoding,
        }
    )


class _Try:
    """The records of a text if one character parts it."""

    def __init__(self, records: Records, delimiter: str, escape: str) -> None:
        self.records, self.delimiter, self.escape = records, delimiter, escape
        widths = Counter(map(len, records))
        self.width, count = widths.most_common(1)[0] if widths else (0, 0)
        self.alike = count / max(1, len(records))

    def weight(self, ending: str | None) -> tuple[bool, bool, float, int]:
        """Say how well it parts: evenly into several fields, as the name says, how evenly, into how many."""
        return (
            self.width > 1 and self.alike >= _ALIKE,
            self.delimiter == _ENDINGS.get(ending or ""),
            round(self.alike, 2),
            self.width,
        )


def _tried(text: str, delimiter: str) -> _Try:
    plain = _Try(_records(text, delimiter, None), delimiter, '"')
    if '\\"' not in text:
        return plain
    escaped = _Try(_records(text, delimiter, "\\"), delimiter, "\\")
    return escaped if escaped.alike > plain.alike else plain


def _records(text: str, delimiter: str, escape: str | None) -> list[list[str]]:
    """Give the first records that are not blank; the last one is left out, because it may be cut."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=delimiter, escapechar=escape, doublequote=escape is None
    )
    found: list[list[str]] = []
    try:
        for record in reader:
            if record:
                found.append(record)
            if len(found) > _RECORDS:
                break
    except csv.Error:
        return found[:-1]
    is_whole = text.endswith(("\n", "\r")) and len(found) <= _RECORDS
    return found if is_whole or len(found) < 2 else found[:-1]


def has_header(records: Records) -> bool:
    """Say whether the first record names the columns: no name looks like a value, few come again below it.

    >>> has_header([["id", "e-mail"], ["7", "a@b.c"]]), has_header([["7", "a@b.c"], ["8", ""]])
    (True, False)
    """
    if not records:
        return True
    names = [field.strip().casefold() for field in records[0]]
    named = [name for name in names if name]
    looks_like_values = any(_VALUE.fullmatch(name) for name in named)
    return bool(named) and not looks_like_values and not _goes_on(records)


def _goes_on(records: Records) -> bool:
    """Say whether the first record's fields come again below it, as values do and names do not."""
    later = [set(column) for column in zip(*records[1:], strict=False)]
    pairs = list(zip(records[0], later, strict=False))
    return bool(pairs) and sum(field in values for field, values in pairs if field) * 2 > len(pairs)
