"""What a comparison looks at, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass

from cdp_assets.names import TableName

SAMPLE_ABOVE = 500_000
"""Rows of a table up to which every one is compared; so many took 1.0 GB with 20 columns, 3.3 GB with 100."""
EXAMPLES = 5


@dataclass(frozen=True)
class Options:
    """What is compared, and how much of it."""

    tables: tuple[TableName, ...] = ()
    """These alone; without any, every table that both sides have, people and exports."""
    sample_above: int = SAMPLE_ABOVE
    """A table with more rows on either side is compared on a sample of about this many."""
    examples: int = EXAMPLES
    """The most examples of each kind."""
    large_counted: bool = False
    """Whether the rows of a table above the limit are only counted: comparing takes as long as it is large."""
    rows_shown: bool = True
    """Whether there are examples of rows; else of people alone."""
    shared_stay: bool = False
    """Whether a table that the sandbox shares counts as the same although production's has moved on: a promotion
    leaves it as it is."""
