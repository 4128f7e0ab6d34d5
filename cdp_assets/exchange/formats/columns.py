"""Which of a file's columns answer to the columns asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from cdp_assets.errors import SourceError

MOST_COLUMNS = 10_000
"""A file with more is refused before anything is made of them."""


def fold(name: str) -> str:
    """Give the form in which column names are compared: no case, no surrounding space.

    >>> fold(" E-Mail ")
    'e-mail'
    """
    return name.strip().casefold()


def match_header(
    header: Sequence[str], columns: Sequence[str], optional: Collection[str], file: str
) -> list[int | None]:
    """Give each asked column's position in the header, None for an optional one that is absent.

    Raises SourceError for a name that the header has twice and for absent columns, naming all of them.
    """
    positions = by_folded_name(header, file)
    refuse_absent([name for name in columns if fold(name) not in positions], optional, file)
    return [positions.get(fold(name)) for name in columns]


def by_folded_name(names: Sequence[str], file: str) -> dict[str, int]:
    """Give each name's position by its folded form; raises SourceError for names that fold to the same."""
    counts = Counter(fold(name) for name in names)
    twice = sorted(name for name, count in counts.items() if name and count > 1)
    if twice:
        problem = f"the header has {_listed(twice)} more than once"
        raise SourceError(file, problem, "each column once, whatever its case")
    return {fold(name): position for position, name in enumerate(names)}


def refuse_absent(absent: Sequence[str], optional: Collection[str], file: str) -> None:
    """Raise SourceError naming the absent columns that are not optional."""
    missing = [name for name in absent if name not in optional]
    if missing:
        raise SourceError(file, f"has no column {_listed(missing)}", "every column that the feed needs")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
