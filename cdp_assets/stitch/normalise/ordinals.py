"""Finds the columns that say one semantic several times: `email`, then `email_1`, `email_2`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cdp_assets.semantics import without_ordinal


def columns_of(semantics: Sequence[str], names: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Give the columns among `names` of each semantic that has any, in the order in which they are asked.

    The one without an ordinal comes first, the others by their numbers, whatever their order among `names`.

    >>> columns_of(("email", "address2", "city"), ["email_10", "email_2", "email", "address2", "note_1"])
    {'email': ['email', 'email_2', 'email_10'], 'address2': ['address2']}
    """
    found: dict[str, list[tuple[int, str]]] = {semantic: [] for semantic in semantics}
    for name in names:
        semantic, ordinal = _numbered(name)
        if semantic in found:
            found[semantic].append((ordinal, name))
    return {semantic: [name for _, name in sorted(columns)] for semantic, columns in found.items() if columns}


def _numbered(name: str) -> tuple[str, int]:
    """Give the semantic of a column and its ordinal, 0 where it has none."""
    tag, ordinal = without_ordinal(name.replace("_", "-"))
    return (tag.replace("-", "_"), ordinal) if ordinal else (name, 0)
