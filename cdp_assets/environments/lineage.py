"""What each column of a query is made of, and what decides on its rows: SQL as a shape that can be compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope

from cdp_assets.names import TableName

Read = tuple[str, str]
"""A source of a SELECT, as its shape calls it, and one of its columns."""
APART = frozenset({"expressions", "with_", "from_", "joins", "distinct", "kind", "operation_modifiers"})
"""Parts of a SELECT that have their own place in its shape, or none."""
PLAIN = frozenset({"this", "alias", "db", "catalog", "with_"})
"""What a reference to a table, or a query in FROM, may have; more (a sample, a pivot, a version) is not understood."""
MANY_ROWS = (exp.UDTF, exp.Explode, exp.Posexplode, exp.Inline)
AROUND_AGGREGATE = (exp.Filter, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)


class UnclearError(Exception):
    """A query's lineage cannot be told; `columns` are those of it that no input has."""

    def __init__(self, problem: str, columns: Collection[str] = ()) -> None:
        self.columns = tuple(sorted(columns))
        super().__init__(problem)


@dataclass(frozen=True)
class Part:
    """A piece of a query: its spelling once every name is resolved, and what it reads."""

    text: str
    reads: frozenset[Read] = frozenset()
    nested: tuple[Shape, ...] = ()
    """The subqueries in it, in their order."""

    @property
    def is_bare(self) -> bool:
        """Say whether it is a column as it stands."""
        return len(self.reads) == 1 and self.text == ".".join(next(iter(self.reads)))


@dataclass(frozen=True)
class Shape:
    """A SELECT, or several set one upon the other."""

    outputs: Mapping[str, Part]
    """By column, in the query's order."""
    rows: Mapping[str, Part]
    """What decides on the rows, by clause."""
    sources: Mapping[str, Source] = field(default_factory=dict)
    distinct: bool = False
    """Whether the values of all columns decide on the rows."""

    def origins(self, column: str) -> list[str]:
        """Give the columns of tables that a column is made of, `layer.name.column`, through queries in the query."""
        return sorted(set(self._origins(column)))

    def _origins(self, column: str) -> Iterator[str]:
        for name, read in self.outputs[column].reads:
            source = self.sources.get(name)
            if isinstance(source, TableName):
                yield f"{source}.{read}"
            elif isinstance(source, Shape) and read in source.outputs:
                yield from source.origins(read)
        for inner in self.outputs[column].nested:
            for one in inner.outputs:
                yield from inner.origins(one)


Source: TypeAlias = TableName | Shape | None
"""A table, a query in the query, or what a clause of `rows` makes itself: values, a lateral view."""


def shape_of(tree: exp.Query, columns: Mapping[TableName, Collection[str]], dialect: str) -> Shape:
    """Give the shape of a query whose references are all `layer.name`.

    Args:
        tree: The query; it is changed on the way.
        columns: The columns of every table that it reads.
        dialect: `spark` or `trino`.

    Raises UnclearError for what is not understood. A renamed alias of a table gives an equal shape.
    """
    schema: dict[str, object] = {}
    for table, names in columns.items():
        layer = schema.setdefault(table.layer, {})
        assert isinstance(layer, dict)  # noqa: S101 - made above
        layer[table.name] = dict.fromkeys(names, "unknown")
    named = frozenset(one.alias.lower() for one in tree.find_all(exp.Alias))
    try:
        tree = qualify(
            tree,
            schema=schema,
            dialect=dialect,
            allow_partial_qualification=True,
            validate_qualify_columns=False,
            quote_identifiers=False,
        )
        scope = build_scope(tree)
    except (SqlglotError, RecursionError) as error:
        raise UnclearError(f"its lineage cannot be told ({type(error).__name__})") from None
    if scope is None or any(one.args.get("recursive") for one in tree.find_all(exp.With)):
        raise UnclearError("it reads itself")
    return _Reading(scope, dialect, named.union(*columns.values())).shape(scope)


class _Reading:
    """One query being read: which SELECT each column belongs to, under which name of its source."""

    def __init__(self, root: Scope, dialect: str, known: frozenset[str]) -> None:
        self._dialect = dialect
        self._known = known
        self._owner: dict[int, Scope] = {}
        self._names: dict[int, dict[str, str]] = {}
        self._shapes: dict[int, Shape] = {}
        """One of each scope, however often it is read: queries in queries that read each other twice are many."""
        found: list[tuple[exp.Column, str]] = []
        for scope in root.traverse():
            if not isinstance(scope.expression, exp.Select):
                continue
            names = self._names[id(scope)] = _source_names(scope)
            for column in scope.columns:
                if column.table in names and id(column) not in self._owner:
                    self._owner[id(column)] = scope
                    found.append((column, names[column.table]))
        for column, name in found:
            column.set("table", exp.to_identifier(name))
            column.set("db", None)
            column.set("catalog", None)

    def shape(self, scope: Scope) -> Shape:
        """Give the shape of a scope and of all that it holds."""
        if id(scope) not in self._shapes:
            kind = type(scope.expression)
            made = self._set_operation if issubclass(kind, exp.SetOperation) else self._select
            self._shapes[id(scope)] = made(scope)
        return self._shapes[id(scope)]

    def _select(self, scope: Scope) -> Shape:
        query = scope.expression
        if not isinstance(query, exp.Select):
            raise UnclearError(f"a {query.key.upper()} is not understood")
        outputs = {one.alias_or_name.lower(): self._part(scope, one.unalias()) for one in query.selects}
        if len(outputs) != len(query.selects) or any(_has_other_columns(one) for one in query.selects):
            raise UnclearError("its columns cannot be told apart")
        names = self._names[id(scope)]
        sources = {names[alias]: self._source(*pair) for alias, pair in scope.selected_sources.items()}
        return Shape(outputs, dict(self._rows(scope, query)), sources, query.args.get("distinct") is not None)

    def _source(self, node: object, source: exp.Table | Scope) -> Source:
        if isinstance(node, exp.Table | exp.Subquery):
            if any(value for name, value in node.args.items() if name not in PLAIN):
                raise UnclearError(f"{node.alias_or_name} is read in a way that is not understood")
            if isinstance(source, exp.Table):
                return TableName(source.db, source.name)
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            raise UnclearError(f"{node.alias_or_name} is read once per row")
        return self.shape(source) if isinstance(source, Scope) and isinstance(source.expression, exp.Query) else None

    def _set_operation(self, scope: Scope) -> Shape:
        query = scope.expression
        sides = [self.shape(one) for one in scope.set_operation_scopes or []]
        left, right = sides
        if len(left.outputs) != len(right.outputs) or query.args.get("by_name"):
            raise UnclearError(f"its {query.key.upper()} has sides that do not fit")
        outputs = {
            one: Part(f"{one} {query.key} {other}", frozenset({("left", one), ("right", other)}))
            for one, other in zip(left.outputs, right.outputs, strict=True)
        }
        kept = not isinstance(query, exp.Union) or bool(query.args.get("distinct"))
        rows = {query.key.upper(): Part(f"{query.key} {kept}")}
        for name in ("order", "limit", "offset"):
            if (clause := query.args.get(name)) is not None:
                rows[name] = Part(self._text(clause), frozenset().union(*(part.reads for part in outputs.values())))
        return Shape(outputs, rows, {"left": left, "right": right}, kept)

    def _rows(self, scope: Scope, query: exp.Select) -> Iterator[tuple[str, Part]]:
        names = self._names[id(scope)]
        aliased = {one.alias_or_name.lower(): one for one in query.selects}
        begin = query.args.get("from_")
        if begin is not None:
            known = isinstance(begin.this, exp.Table | exp.Subquery)
            yield "FROM", Part(names[begin.alias_or_name] if known else self._text(begin.this))
        for number, join in enumerate(query.args.get("joins") or []):
            if join.args.get("using") or join.args.get("match_condition") or join.method:
                raise UnclearError(f"a {join.method or 'USING'} JOIN is not understood")
            kind = "" if join.kind in ("INNER", "OUTER") else join.kind
            way = (join.side, kind, names.get(join.alias_or_name, self._text(join.this)))
            on = join.args.get("on")
            inside = [] if isinstance(join.this, exp.Table | exp.Subquery) else [self._part(scope, join.this)]
            parts = [Part(" ".join(way)), *inside, *([] if on is None else [self._part(scope, on)])]
            yield f"JOIN {number + 1}", _joined(parts)
        for name, value in query.args.items():
            clauses = value if isinstance(value, list) else [value]
            if name not in APART and (given := [one for one in clauses if isinstance(one, exp.Expr)]):
                parts = [self._part(scope, one, aliased) for one in given]
                yield name.strip("_").upper(), _joined(parts)
        many = [self._part(scope, one.unalias()) for one in query.selects if one.find(*MANY_ROWS) is not None]
        if many:
            yield "EXPLODE", _joined(many)
        if query.args.get("group") is None and any(_aggregates(one, query) for one in query.selects):
            yield "AGGREGATE", Part("one row")

    def _part(self, scope: Scope, tree: exp.Expr, aliased: Mapping[str, exp.Expr] = MappingProxyType({})) -> Part:
        """Read a piece of a SELECT; some clauses may call a column of the result by its name."""
        reads: set[Read] = set()
        lost: set[str] = set()
        for column in tree.find_all(exp.Column):
            owner = self._owner.get(id(column))
            if owner is scope:
                reads.add((column.table, column.name.lower()))
            elif owner is None and not column.table and column.name.lower() in aliased:
                reads |= self._reads(scope, aliased[column.name.lower()])
            elif owner is None:
                lost.add(column.name.lower())
        if ambiguous := lost & self._known:
            raise UnclearError(f"reads {', '.join(sorted(ambiguous))}, which may be another's")
        if lost:
            raise UnclearError(f"reads {', '.join(sorted(lost))}, which no input has", lost)
        inner = [one for one in scope.subquery_scopes if _is_in(one.expression, tree)]
        return Part(self._text(tree), frozenset(reads), tuple(self.shape(one) for one in inner))

    def _reads(self, scope: Scope, tree: exp.Expr) -> set[Read]:
        found = (one for one in tree.find_all(exp.Column) if self._owner.get(id(one)) is scope)
        return {(one.table, one.name.lower()) for one in found}

    def _text(self, tree: exp.Expr) -> str:
        return tree.sql(dialect=self._dialect, comments=False)


def _source_names(scope: Scope) -> dict[str, str]:
    """Name the sources of a SELECT by what they are, so that an alias makes no difference."""
    depth, above = 0, scope
    while above.parent is not None:
        depth, above = depth + above.is_subquery, above.parent
    found: dict[str, str] = {}
    for alias, (node, source) in scope.selected_sources.items():
        base = f"{source.db}__{source.name}" if isinstance(source, exp.Table) else alias
        if isinstance(node, exp.Table) and isinstance(source, Scope):
            base = node.name
        base += "_inner" * depth
        times = sum(other == base or other.startswith(f"{base}_again") for other in found.values())
        found[alias] = f"{base}_again{times}" if times else base
    return found


def _joined(parts: list[Part]) -> Part:
    reads = frozenset(read for part in parts for read in part.reads)
    return Part(", ".join(part.text for part in parts), reads, tuple(one for part in parts for one in part.nested))


def _is_in(inner: exp.Expr, outer: exp.Expr) -> bool:
    place: exp.Expr | None = inner
    while place is not None and place is not outer:
        place = place.parent
    return place is outer


def _has_other_columns(one: exp.Expr) -> bool:
    """Say whether an item of a SELECT gives columns that it does not name: a star, a generator without a name."""
    nameless = isinstance(one, exp.Aliases) or one.alias_or_name.startswith("_col_")
    return isinstance(one.unalias(), exp.Star) or (nameless and one.find(*MANY_ROWS) is not None)


def _aggregates(tree: exp.Expr, query: exp.Select) -> bool:
    return any(one.find_ancestor(exp.Select) is query and not _windowed(one) for one in tree.find_all(exp.AggFunc))


def _windowed(function: exp.Expr) -> bool:
    place = function
    while isinstance(place.parent, AROUND_AGGREGATE):
        place = place.parent
    return isinstance(place.parent, exp.Window) and place.parent.this is place
