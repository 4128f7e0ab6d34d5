"""How a value appears in a comparison: personal ones by their shape, people by a name that leads nowhere."""

from __future__ import annotations

import re

from cdp_assets.security.obfuscation import mask, person_name

PERSON = "amperity_id"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def shown(column: str, value: object, personal: frozenset[str]) -> str | None:
    """Give what may be shown of a value: itself, or its shape where the column is personal.

    An id of a person becomes its name, so that the same person can be recognised across tables.

    >>> shown("city", "Oslo", frozenset({"city"})), shown("city", "Oslo", frozenset())
    ('Xxxx', 'Oslo')
    """
    if value is None:
        return None
    if column not in personal:
        return str(value)
    if column == PERSON and _UUID.fullmatch(str(value)):
        return person_name(str(value))
    return mask(value)
