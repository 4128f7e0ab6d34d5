"""What a feed, its fields and its courier's files are called, made of the names in a file and the file's own."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Mapping

_DATE = re.compile(r"(?<!\d)(\d{4})([-_.]?)(\d{2})\2(\d{2})(?!\d)")
_ENDINGS = re.compile(r"(\.[a-z0-9]{1,8})+$", re.IGNORECASE)
_LONGEST = 100


def snake(text: str, otherwise: str) -> str:
    """Give a text as lower snake case, a letter first.

    >>> snake("E-Mail Address", "x"), snake("firstName", "x"), snake("Größe", "x"), snake("2nd", "x"), snake("?", "x")
    ('e_mail_address', 'first_name', 'grosse', 'x_2nd', 'x')
    """
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss")).encode("ascii", "ignore").decode()
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain)
    found = re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")
    if not found:
        return otherwise
    return (found if found[0].isalpha() else f"{otherwise}_{found}")[:_LONGEST].rstrip("_")


def field_names(incoming: Iterable[str], meanings: Mapping[str, str]) -> dict[str, str]:
    """Give each incoming column's field name; those that would be alike are numbered.

    Args:
        incoming: The columns in a file.
        meanings: What paths into nested records are called rather than by all their parts.

    >>> field_names(["Name", "name!", "home.city", "who.first"], {"who.first": "given_name"})
    {'Name': 'name', 'name!': 'name_2', 'home.city': 'home_city', 'who.first': 'given_name'}
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for column in incoming:
        base = name = snake(meanings.get(column, column), "field")
        number = 1
        while name in taken:
            number += 1
            name = f"{base[: _LONGEST - 6]}_{number}"
        taken.add(name)
        found[column] = name
    return found


def base_name(file: str) -> str:
    """Give what a file is called without its date and its endings.

    >>> base_name("customers_2026_11_20.csv.gz"), base_name("CUSTMAST20261120.txt")
    ('customers', 'custmast')
    """
    return snake(_DATE.sub("", _ENDINGS.sub("", file)), "file")


def file_pattern(file: str) -> str:
    """Give the courier's pattern of a file's name: its date, where it has one, is any date.

    >>> file_pattern("customers_2026_11_20.csv.gz"), file_pattern("it's.csv")
    ("'customers_'yyyy'_'MM'_'dd'.csv.gz'", "'it*s.csv'")
    """
    safe = file.replace("'", "*")
    match = _DATE.search(safe)
    if match is None or not _is_date(match):
        return f"'{safe}'"
    between = f"'{match[2]}'" if match[2] else ""
    parts = (f"'{safe[: match.start()]}'", f"yyyy{between}MM{between}dd", f"'{safe[match.end() :]}'")
    return "".join(part for part in parts if part != "''")


def _is_date(match: re.Match[str]) -> bool:
    try:
        return bool(dt.date(int(match[1]), int(match[3]), int(match[4])))
    except ValueError:
        return False
