"""Shows a value's shape instead of the value."""

from __future__ import annotations

import re

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
