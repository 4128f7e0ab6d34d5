"""How much of what is there a run builds again: what is new alone, what may have changed by itself too, or all."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from sqlglot import exp

from cdp_assets.config import sql
from cdp_assets.errors import ConfigError
from cdp_assets.state.publications import Coverage

BUSINESS_DATE = "business_date"
BY_ITSELF = (
    exp.CurrentDate,
    exp.CurrentTimestamp,
    exp.Localtimestamp,
    exp.Rand,
    exp.Randn,
    exp.Shuffle,
    exp.Uuid,
)
"""What gives another value each time; UNIX_TIMESTAMP without an argument is read as one of the current time."""
BY_NAME = frozenset({"now", "localtimestamp"})
"""What does so too and is read as any function, or as a column."""


class RunMode(StrEnum):
    """What a run of SQL tables builds again."""

    EXPRESS = "express"
    """Tables whose definition or inputs are new; a table of an earlier business date stays as it is."""
    NORMAL = "normal"
    """Those, tables that read the business date when it is another one, and tables that ask the clock or chance."""
    FULL = "full"
    """All."""

    @classmethod
    def of(cls, text: str | None) -> RunMode:
        """Read a mode; nothing is normal. Raises ConfigError for any other word."""
        if text is not None and text not in list(cls):
            raise ConfigError("run mode", f"{text} is none", f"one of {', '.join(cls)}")
        return cls(text or cls.NORMAL)

    def keeps(self, made_of: Coverage, inputs: Mapping[str, int | str], text: str) -> bool:
        """Say whether a table stays as it is.

        Args:
            made_of: What the present table was made of, with its business date where it reads one.
            inputs: What it would be made of now.
            text: Its Spark SQL.
        """
        if self is RunMode.FULL:
            return False
        if self is RunMode.EXPRESS:
            return _undated(made_of) == _undated(inputs)
        return dict(made_of) == dict(inputs) and not changes_by_itself(text)


def changes_by_itself(text: str, dialect: str = "spark") -> bool:
    """Say whether SQL gives other rows though nothing that it reads has changed.

    >>> changes_by_itself("SELECT a FROM t WHERE d < CURRENT_DATE"), changes_by_itself("SELECT current_date_id FROM t")
    (True, False)
    """
    tree = sql.parse(text, dialect, "SQL")
    named = tree.find_all(exp.Anonymous, exp.Column)
    return tree.find(*BY_ITSELF) is not None or any(
        one.name.lower() in BY_NAME and not (isinstance(one, exp.Column) and one.table) for one in named
    )


def _undated(coverage: Mapping[str, int | str]) -> dict[str, int | str]:
    return {name: value for name, value in coverage.items() if name != BUSINESS_DATE}
