"""What is wrong in a tenant's SQL before any of it runs: columns that are not there, types that do not fit."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from cdp_assets.config import sql
from cdp_assets.config.catalog import Table, dialect_of
from cdp_assets.config.feed import Feed
from cdp_assets.config.query import Query
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.column_types import Types, save_types
from cdp_assets.environments.columns import Columns, columns_of
from cdp_assets.environments.lineage import UnclearError
from cdp_assets.environments.sql_names import misnamed
from cdp_assets.errors import ConfigError, ConfigErrors
from cdp_assets.names import DATABASE_PREFIX, VERSION_COLUMN, TableName, sql_file


@dataclass(frozen=True)
class SqlMistake:
    """One mistake in a table's SQL, at a line and column of its file."""

    kind: Literal["name", "type"]
    line: int
    column: int
    problem: str
    expected: str


def refuse_mistakes(before: Tenant | None, target: Tenant) -> None:
    """Raise ConfigErrors with every mistake in the SQL that a target would run: file, line, column, nearest name.

    A draft of a query may have mistakes as long as it is one.
    """
    found = [
        ConfigError(f"{sql_file(table.name)}, line {one.line}, column {one.column}", one.problem, one.expected)
        for table, mistakes in sql_mistakes(before, target)
        for one in mistakes
        if not (isinstance(table.definition, Query) and table.definition.status == "draft")
    ]
    save_types()
    if found:
        raise ConfigErrors(sorted(found, key=lambda one: one.where))


def sql_mistakes(
    before: Tenant | None, target: Tenant, changed: Collection[TableName] | None = None
) -> Iterator[tuple[Table, list[SqlMistake]]]:
    """Give the tables and queries whose SQL has mistakes, inputs first.

    Args:
        before: What runs now; SQL that reads just what it read is not looked at, nor is a type that does not fit
            there already found again.
        target: A valid tenant.
        changed: The only tables to look at; all of them unless given.
    """
    looking = _Looking(before, target)
    for table in looking.columns.catalog.ordered():
        if (changed is None or table.name in changed) and (found := looking.at(table)):
            yield table, found


class _Looking:
    """One target being looked at."""

    def __init__(self, before: Tenant | None, target: Tenant) -> None:
        self.columns = columns_of(target)
        self._types = Types(self.columns)
        self._was = columns_of(before) if before is not None else None
        self._types_before = Types(self._was) if self._was is not None else None
        self._moved: set[TableName] = set()
        """Tables that have not the columns, or not the types, that they had."""

    def at(self, table: Table) -> list[SqlMistake]:
        """Give the mistakes in a table's own SQL; its inputs have been looked at."""
        if not self._may_differ(table):
            return []
        if self._differs(table):
            self._moved.add(table.name)
        if table.sql is None:
            return []
        return list(names_amiss(self.columns, table)) or list(self._clashes(table, table.sql))

    def _may_differ(self, table: Table) -> bool:
        """Say whether a table's columns or types may be others: unchanged SQL over unchanged ones has its own."""
        old = self._was.catalog.tables.get(table.name) if self._was is not None else None
        if old is None or old.inputs != table.inputs or old.sql != table.sql:
            return True
        if isinstance(old.definition, Feed) and isinstance(table.definition, Feed):
            return [(one.name, one.type) for one in old.definition.fields] != [
                (one.name, one.type) for one in table.definition.fields
            ]
        if table.kind == "unified" and self._was is not None:  # it casts what it reads to documented types
            return self.columns.text(table) != self._was.text(old)
        return table.kind != "stitch" and any(name in self._moved for name in table.inputs)

    def _differs(self, table: Table) -> bool:
        """Say whether a table's columns or types are others; one that is new has no readers that stay as they are."""
        before = self._before(table)
        try:
            return before is not None and self._types.of(table.name) != before.of(table.name)
        except UnclearError:
            return True

    def _clashes(self, table: Table, text: str) -> Iterator[SqlMistake]:
        found = self._types.clashes(table.name)
        before = self._before(table)
        known = {one.problem for one in before.clashes(table.name)} if found and before is not None else set()
        for clash in found:
            if clash.problem not in known:
                yield SqlMistake("type", *sql.place(clash.node, text), clash.problem, "types that fit, or a CAST")

    def _before(self, table: Table) -> Types | None:
        """Give the types that run now, where the table is there."""
        there = self._was is not None and table.name in self._was.catalog.tables
        return self._types_before if there else None


def names_amiss(columns: Columns, table: Table) -> Iterator[SqlMistake]:
    """Give the columns that a table's SQL reads and that nothing has, or that several of its inputs have."""
    text = table.sql or ""
    try:
        tree, _ = columns.resolved(table.name)
    except UnclearError:
        return

    def of(name: TableName) -> Collection[str] | None:
        more = (VERSION_COLUMN,) if table.kind == "query" and name.layer.startswith(DATABASE_PREFIX) else ()
        try:
            return (*columns.of(name), *more)
        except UnclearError:
            return None

    for one in misnamed(tree, of, dialect_of(table)):
        yield SqlMistake("name", *sql.place(one.node, text), one.problem, one.expected)
