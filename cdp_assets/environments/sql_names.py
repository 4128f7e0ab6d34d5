"""Columns that a query names and that nothing it reads has, or that several of its tables have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope, ScopeType, build_scope, walk_in_scope

from cdp_assets.config.known import nearest_known
from cdp_assets.names import TableName

ColumnsOf = Callable[[TableName], Collection[str] | None]
"""Gives a table's columns; None where they cannot be told."""
WITHOUT_PARENTHESES = frozenset(
    {"current_catalog", "current_database", "current_schema", "current_timezone", "current_user", "grouping__id",
     "localtimestamp", "now", "session_user", "session_window", "user", "window", "_metadata"}
)  # fmt: skip
"""Names that look like columns and are none."""
BEFORE_THE_SELECT = frozenset({"from_", "joins", "laterals", "where"})
"""Clauses that see no column of the result."""


@dataclass(frozen=True)
class Misnamed:
    """A column, or what stands before its point, that means nothing or more than one thing."""

    node: exp.Expr
    problem: str
    expected: str


@dataclass(frozen=True)
class _Source:
    """One thing in a FROM: how it is called, and its columns as far as they are known."""

    name: str
    columns: frozenset[str] | None

    def may_have(self, column: str) -> bool:
        return self.columns is None or column in self.columns


def misnamed(tree: exp.Query, columns_of: ColumnsOf, dialect: str) -> Iterator[Misnamed]:
    """Give every column of a query that cannot mean anything, or that may mean two things.

    Args:
        tree: The query, its references all `layer.name`; it is left as it is.
        columns_of: The columns of each table that it reads.
        dialect: `spark` or `trino`.

    What is not understood (a pivot, a table function, a query that reads itself) is held to have every column.
    """
    if any(one.args.get("recursive") for one in tree.find_all(exp.With)):
        return
    try:
        root = build_scope(tree)
    except (SqlglotError, RecursionError):
        return
    if root is not None:
        names = _Names(columns_of, dialect)
        for scope in root.traverse():
            if isinstance(scope.expression, exp.Select):
                yield from names.of(scope, scope.expression)


class _Names:
    """One query's names; each SELECT in it is looked at once."""

    def __init__(self, columns_of: ColumnsOf, dialect: str) -> None:
        self._columns_of, self._dialect = columns_of, dialect
        self._sources: dict[int, list[_Source]] = {}

    def of(self, scope: Scope, query: exp.Select) -> Iterator[Misnamed]:
        """Give what one SELECT calls by a name that means nothing, or two things."""
        for node in walk_in_scope(query):
            if isinstance(node, exp.Column) and not _is_no_reading(node):
                judge = {1: self._bare, 2: self._qualified}.get(len(node.parts))
                found = judge(scope, query, node) if judge is not None else None
                if found is not None:
                    yield found

    def _qualified(self, scope: Scope, query: exp.Select, node: exp.Column) -> Misnamed | None:
        """Judge `a.b`: a column of a source, or a field of a column that holds several values."""
        outer, name = node.table.lower(), node.name.lower()
        around = [one for level in _levels(scope) for one in self._of(level)]
        if outer in WITHOUT_PARENTHESES or any(one.may_have(outer) for one in around) or outer in _aliases(query):
            return None
        called = [one for one in around if one.name == outer]
        if not called:
            known = {one.name for one in around if one.name}
            return Misnamed(
                node, f"reads {outer}.{name}, but nothing here is called {outer}", nearest_known(outer, known)
            )
        if any(one.may_have(name) for one in called):
            return None
        return Misnamed(node, f"reads {outer}.{name}, which is absent", nearest_known(name, called[0].columns or ()))

    def _bare(self, scope: Scope, query: exp.Select, node: exp.Column) -> Misnamed | None:
        name, clause = node.name.lower(), _clause(node, query)
        if name in WITHOUT_PARENTHESES:
            return None
        sees_result = clause == "order" if self._dialect == "trino" else clause not in BEFORE_THE_SELECT
        if sees_result and clause not in ("expressions", "group") and name in _aliases(query):
            return None
        holders = [one.name for one in self._nearby(scope, query, node) if one.columns and name in one.columns]
        if len(holders) > 1:
            spelled = [f"{one}.{name}" for one in holders]
            return Misnamed(node, f"reads {name}, which may be {' or '.join(spelled)}", f"one of {', '.join(spelled)}")
        around = [one for level in _levels(scope) for one in self._of(level)]
        if any(one.may_have(name) for one in around) or (sees_result and name in _aliases(query)):
            return None
        known = {column for one in around for column in one.columns or ()}
        return Misnamed(node, f"reads {name}, which is absent", nearest_known(name, known))

    def _nearby(self, scope: Scope, query: exp.Select, node: exp.Column) -> list[_Source]:
        """Give the sources among which a name must be one's alone; none where a join makes one column of two."""
        joins: list[exp.Join] = query.args.get("joins") or []
        kinds = {word for join in joins for word in (join.kind, join.side, join.method)}
        using = {one.name.lower() for join in joins for one in join.args.get("using") or []}
        if kinds & {"SEMI", "ANTI", "NATURAL"} or node.name.lower() in using:
            return []
        place = node.find_ancestor(exp.Join, exp.Lateral, exp.From, exp.Select)
        if isinstance(place, exp.Join) and place in joins:
            return self._of(scope)[: joins.index(place) + 2]
        return self._of(scope) if isinstance(place, exp.Select) else []

    def _of(self, scope: Scope) -> list[_Source]:
        if id(scope) not in self._sources:
            self._sources[id(scope)] = list(self._found(scope))
        return self._sources[id(scope)]

    def _found(self, scope: Scope) -> Iterator[_Source]:
        query = scope.expression
        begin = query.args.get("from_")
        joins = query.args.get("joins") or []
        for node in [*([begin.this] if begin else []), *(join.this for join in joins)]:
            yield self._source(scope, node)
        for lateral in query.args.get("laterals") or []:
            yield self._source(scope, lateral)

    def _source(self, scope: Scope, node: exp.Expr) -> _Source:
        name = node.alias_or_name.lower()
        alias, place = node.args.get("alias"), node.args.get("offset")
        own = [one.name.lower() for one in alias.columns] if alias else []
        if node.args.get("pivots") or node.args.get("joins"):
            return _Source(name, None)
        if own:
            return _Source(
                name, frozenset([*own, *([place.name.lower()] if isinstance(place, exp.Identifier) else [])])
            )
        found = self._columns(scope, node)
        return _Source(name, None if found is None else frozenset(found))

    def _columns(self, scope: Scope, node: exp.Expr) -> Collection[str] | None:
        """Give the columns of a table, of a common table expression or of a query in FROM."""
        source = scope.sources.get(node.alias_or_name)
        if isinstance(node, exp.Subquery):
            source = next((one for one in scope.derived_table_scopes if one.expression is node.unnest()), None)
        if isinstance(source, Scope):
            return self._outputs(source) if isinstance(node, exp.Table | exp.Subquery) else None
        if isinstance(source, exp.Table) and isinstance(source.this, exp.Identifier):
            return self._columns_of(TableName(source.db, source.name))
        return None

    def _outputs(self, scope: Scope) -> Collection[str] | None:
        """Give the columns of a query in the query; None where one of them has no name that is known."""
        if scope.outer_columns:
            return [name.lower() for name in scope.outer_columns]
        query = scope.expression
        if isinstance(query, exp.SetOperation) and scope.set_operation_scopes and not query.args.get("by_name"):
            return self._outputs(scope.set_operation_scopes[0])
        if not isinstance(query, exp.Select):
            return None
        found: set[str] = set()
        for one in query.selects:
            names = self._named(scope, one)
            if names is None:
                return None
            found.update(names)
        return found

    def _named(self, scope: Scope, one: exp.Expr) -> Collection[str] | None:
        if isinstance(one, exp.Aliases):
            return [name.name.lower() for name in one.expressions]
        if isinstance(one, exp.Alias) or (isinstance(one, exp.Column) and not isinstance(one.this, exp.Star)):
            return [one.alias_or_name.lower()]
        star = one.this if isinstance(one, exp.Column) else one
        if not isinstance(star, exp.Star) or any(star.args.values()):
            return None
        outer = one.table.lower() if isinstance(one, exp.Column) else ""
        read = [source for source in self._of(scope) if not outer or source.name == outer]
        if not read or any(source.columns is None for source in read):
            return None
        return {column for source in read for column in source.columns or ()}


def _levels(scope: Scope) -> Iterator[Scope]:
    """Give a SELECT and those around it whose columns it may read: a query in FROM reads none of its neighbours."""
    place: Scope | None = scope
    while place is not None:
        yield place
        apart = place.scope_type in (ScopeType.CTE, ScopeType.DERIVED_TABLE)
        place = None if apart and place.expression.find_ancestor(exp.Lateral) is None else place.parent


def _is_no_reading(node: exp.Column) -> bool:
    """Say whether a column's node is none that is read: a star, or a name in its EXCEPT or in USING."""
    return isinstance(node.this, exp.Star) or node.find_ancestor(exp.Star, exp.Select) is not node.parent_select


def _aliases(query: exp.Select) -> set[str]:
    return {one.alias.lower() for one in query.selects if isinstance(one, exp.Alias)}


def _clause(node: exp.Expr, query: exp.Select) -> str:
    """Give the part of a SELECT that a node of it stands in."""
    place: exp.Expr = node
    while place.parent is not None and place.parent is not query:
        place = place.parent
    return str(place.arg_key)
