"""Translates an analyst's Presto SQL to Spark SQL that gives the same rows, or refuses it by name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.context import MARK, Context, Relation, own_name
from cdp_assets.audiences.dialect import Presto
from cdp_assets.audiences.lenient import refuse_lenient
from cdp_assets.audiences.parts import refuse_unknown_parts
from cdp_assets.audiences.rules import RULES
from cdp_assets.audiences.selects import query
from cdp_assets.audiences.values import Refused, quoted
from cdp_assets.config import sql
from cdp_assets.config.catalog import resolve
from cdp_assets.errors import ConfigError, QueryError
from cdp_assets.names import TableName

Columns = Mapping[TableName, Mapping[str, str]]
"""Table -> column -> Spark type."""
KEPT_KINDS = ("time", types.YEAR_MONTH, "function")
"""What no column of a result can hold."""


@dataclass(frozen=True)
class Translated:
    """A query that Spark answers as Presto would."""

    marked: str
    """Spark SQL in which the name of each table stands between marks."""
    references: tuple[TableName, ...]
    kernels: frozenset[str] = frozenset()
    """The kernels that it calls."""

    @property
    def spark_sql(self) -> str:
        """Spell it with the names of its tables, `layer.name`."""
        return self.pinned(str)

    def pinned(self, spelled: Callable[[TableName], str]) -> str:
        """Spell it with something in the place of each table's name."""
        known = {str(table): table for table in self.references}
        parts = self.marked.split(MARK)
        return "".join(part if at % 2 == 0 else spelled(known[part]) for at, part in enumerate(parts))


def translate(text: str, columns: Columns, scope: TableName, *, where: str, today: dt.date) -> Translated:
    """Give the Spark SQL of a Presto query.

    Args:
        text: One SELECT.
        columns: The tables that may be read, with the Spark types of their columns.
        scope: From where one-part names are looked up.
        where: How errors call the query.
        today: The business date of what is read, which CURRENT_DATE is.

    Raises QueryError naming the first construct that is not known to mean the same, and what to write instead.
    """
    tree = _parse(text, where)
    refuse_lenient(tree, text, where)
    context = Context(_lookup(columns, scope), RULES, query, today)
    try:
        refuse_unknown_parts(tree)
        found = query(context, tree)
        marked = _with_ctes(context, _result(context, found))
    except Refused as refused:
        raise QueryError(where + _place(refused.node, text), refused.construct, refused.hint) from None
    except RecursionError:
        raise QueryError(where, "a query this deep", "Write it in several steps, with WITH.") from None
    return Translated(marked, tuple(sorted(context.references)), frozenset(context.kernels))


def _parse(text: str, where: str) -> exp.Query:
    try:
        return sql.parse(text, Presto, where)
    except ConfigError as error:
        raise QueryError(error.where, error.problem, f"Expected {error.expected}.") from None


def _lookup(columns: Columns, scope: TableName) -> Callable[[exp.Table], tuple[TableName, Mapping[str, types.Type]]]:
    """Give what finds the table that a reference means."""

    def found(reference: exp.Table) -> tuple[TableName, Mapping[str, types.Type]]:
        target = resolve(columns, sql.parts(reference), scope)
        if target is None:
            name = ".".join(sql.parts(reference))
            known = ", ".join(sorted(table.name for table in columns if table.layer == scope.layer))
            raise Refused(f"table {name}", f"It does not exist here. Tables of this database: {known}.", reference)
        return target, {name: types.parse(kind) for name, kind in columns[target].items()}

    return found


def _result(context: Context, found: Relation) -> str:
    """Spell the whole: its columns under the names that the query gives them."""
    alias, names = context.alias("q"), []
    for at, one in enumerate(found.fields):
        own = own_name(one.value.sql)
        names.append(f"{quoted(alias)}.{own} AS {quoted(one.name or f'_col{at}')}")
        kinds = {part.name for part in _inside(one.value.type)}
        if kinds & set(KEPT_KINDS):
            raise Refused(f"a column of type {one.value.type}", "No result can hold it: cast it to VARCHAR.")
    if all(one.name and one.value.sql == quoted(one.name) for one in found.fields):
        return found.sql
    return f"SELECT {', '.join(names)} FROM ({found.sql}) AS {quoted(alias)}"


def _inside(kind: types.Type) -> Iterator[types.Type]:
    yield kind
    for part in kind.parts:
        yield from _inside(part)


def _with_ctes(context: Context, text: str) -> str:
    if not context.ctes:
        return text
    return f"WITH {'RECURSIVE ' if context.recursive else ''}{', '.join(context.ctes)} {text}"


def _place(node: exp.Expr | None, text: str) -> str:
    """Spell where in the query a construct begins."""
    starts = [part.meta["start"] for part in node.walk() if "start" in part.meta] if node is not None else []
    if not starts:
        return ""
    before = text[: min(starts)]
    return f", line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"
