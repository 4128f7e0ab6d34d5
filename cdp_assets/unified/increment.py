"""Which rows of a unified table must be worked out anew, and the few rows of its inputs that this takes.

The table's own SQL then runs over these rows alone, so that an order's or a person's rows are those of a whole build.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import polars as pl

from cdp_assets.config.people_tables import COALESCED
from cdp_assets.config.tenant import Tenant
from cdp_assets.lakehouse.changes import Restate, changed_rows, noted_changes, rows_of
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName

Versions: TypeAlias = Mapping[TableName, TableVersion]
KEY, PERSON = "order_id", "amperity_id"


@dataclass(frozen=True)
class Inputs:
    """A table's inputs as they were when it was last made, and as they are: the same paths, other versions.

    dates: The business dates that it was made and is made for, where it reads one.
    """

    root: Path
    before: Versions
    now: Versions
    dates: tuple[dt.date, dt.date] | None = None

    def changed(self, table: TableName, columns: list[str]) -> pl.DataFrame:
        """Give the rows that only one of the two versions has."""
        return changed_rows(self.path(table), self.before[table].version, self.now[table].version, columns)

    def noted(self, table: TableName) -> pl.Series | None:
        """Give the keys of an input that was itself made by what changed, or nothing where it was made as a whole."""
        return noted_changes(self.path(table), self.before[table].version, self.now[table].version)

    def rows(self, table: TableName, columns: list[str]) -> pl.LazyFrame:
        """Give columns of an input as it is."""
        return rows_of(self.path(table), self.now[table].version, columns)

    def earlier_rows(self, table: TableName, columns: list[str]) -> pl.LazyFrame:
        """Give columns of an input as it was."""
        return rows_of(self.path(table), self.before[table].version, columns)

    def columns(self, table: TableName) -> list[str]:
        """Give the columns of an input."""
        return self.rows(table, ["*"]).collect_schema().names()

    def path(self, table: TableName) -> Path:
        """Give where an input is."""
        return self.root / self.now[table].path


@dataclass(frozen=True)
class Increment:
    """The orders or people to be made anew, and each input's rows that they are made of.

    restate: Where some columns are of everybody or of the date: what works them out anew of all of the table's rows,
        those that stay and those that are made anew.
    """

    keys: pl.Series
    rows: Mapping[TableName, pl.LazyFrame]
    restate: Callable[[Sequence[pl.LazyFrame]], Restate] | None = None


@dataclass(frozen=True)
class Way:
    """How a table is made by its changes: the column that rows are replaced by, and what finds its values.

    Nothing is found where an input was itself made as a whole.
    """

    key: str
    increment: Callable[[Tenant, Inputs], Increment | None]


def are_same_people(inputs: Inputs) -> bool:
    """Say whether the records and their people are those that the table was made of."""
    return inputs.before[COALESCED] == inputs.now[COALESCED]
