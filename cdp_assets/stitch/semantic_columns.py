"""Says which column of the normalised records holds the values of a semantic."""

from __future__ import annotations

from collections.abc import Mapping

COLUMNS: Mapping[str, str] = {"generational-suffix": "suffix", "sk-generational-suffix": "suffix"}
"""Semantics whose normalised column has another name; the separation key is derived from the name's suffix."""
READ_FROM: Mapping[str, str] = {"suffix": "generational_suffix"}
"""Normalised columns that are read from a column of another name."""


def column_of(semantic: str) -> str:
    """Give the normalised column of a semantic.

    >>> column_of("given-name"), column_of("generational-suffix")
    ('given_name', 'suffix')
    """
    return COLUMNS.get(semantic, semantic.replace("-", "_"))
