"""Shows a value's shape instead of the value, and people by a name that leads nowhere."""

from __future__ import annotations

import re

from cdp_assets.hashing import sha256_of

_SHAPE = (
    (re.compile(r"[^\W\d_]"), lambda match: "X" if match[0].isupper() else "x"),
    (re.compile(r"\d"), lambda _: "9"),
)


def mask(value: object) -> str | None:
    """Give the shape of a value: letters as x or X, digits as 9; None stays None.

    >>> mask("Ann.Lee42@mail.com")
    'Xxx.Xxx99@xxxx.xxx'
    """
    if value is None:
        return None
    text = str(value)
    for pattern, shape in _SHAPE:
        text = pattern.sub(shape, text)
    return text


def person_name(amperity_id: str) -> str:
    """Give a short name for a person, the same everywhere, from which the id cannot be found.

    >>> person_name("00000000-0000-0000-0000-000000000000")
    'person-14f00d2e'
    """
    return f"person-{sha256_of(['person', amperity_id])[:8]}"
