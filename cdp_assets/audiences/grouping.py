"""GROUP BY and what it leaves to see: the keys, and the aggregates, which are computed in a query of their own."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

from cdp_assets.audiences.aggregates import AGGREGATES, DISTINCT, SUFFIX, plain
from cdp_assets.audiences.context import Context, Scope, direction, name_of
from cdp_assets.audiences.dialect import Presto
from cdp_assets.audiences.expressions import condition, found_column
from cdp_assets.audiences.signatures import Call, by_name, chosen
from cdp_assets.audiences.types import INTEGER
from cdp_assets.audiences.values import Refused, Value, quoted

KNOWN = by_name([AGGREGATES])
ORDER_MATTERS = ("array_agg", "listagg")


def aggregate_name(node: exp.Expr) -> str | None:
    """Give the name of the aggregate that a node is, below its FILTER; nothing for another node."""
    inner = node.this if isinstance(node, exp.Filter) else node
    if isinstance(inner, exp.GroupConcat):
        return "listagg"
    name = str(inner.name).lower() if isinstance(inner, exp.Anonymous) else ""
    return name if name in KNOWN else None


def aggregates_in(node: exp.Expr) -> bool:
    """Say whether an expression has aggregates of its own, outside of subqueries and of OVER."""
    if isinstance(node, exp.Query | exp.Subquery):
        return False
    if isinstance(node, exp.Window):
        over = [node.args.get(part) for part in ("partition_by", "order")]
        parts = [*_children(_unfiltered(node.this)), *itertools.chain.from_iterable(map(_listed, over))]
        return any(map(aggregates_in, parts))
    return aggregate_name(node) is not None or any(map(aggregates_in, node.iter_expressions()))


def _unfiltered(node: exp.Expr) -> exp.Expr:
    while isinstance(node, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        node = node.this
    return node


def _children(node: exp.Expr) -> list[exp.Expr]:
    return list(node.iter_expressions())


def _listed(value: object) -> list[exp.Expr]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, exp.Expr)]


def aggregate(context: Context, node: exp.Expr, suffix: str = "") -> Value:
    """Translate an aggregate; `suffix` is its OVER. Raises Refused for what is not on the list."""
    filter_ = node.expression if isinstance(node, exp.Filter) else None
    inner = node.this if isinstance(node, exp.Filter) else node
    name = aggregate_name(inner)
    if name is None:
        raise Refused(
            name_of(inner), "It is not known to mean the same on Spark; docs/concepts/queries.md lists what is.", inner
        )
    operands, order, distinct = _operands(inner)
    _, call = chosen(context, inner, name, operands, KNOWN[name])
    keys = tuple((context.value(one.this), direction(one)) for one in order)
    call = replace(call, order=keys if name in ORDER_MATTERS else (), distinct=distinct)
    found = _spelled(call, name)
    if filter_ is not None:
        suffix = f" FILTER (WHERE {condition(context.value(filter_.this), filter_.this)}){suffix}"
    return replace(found, sql=found.sql.replace(SUFFIX, suffix).replace(DISTINCT, "DISTINCT " if distinct else ""))


def _spelled(call: Call, name: str) -> Value:
    does = next(one.does for one in KNOWN[name] if _is(one.text, call))
    if not isinstance(does, str):
        return does(call)
    return Value(plain(does, *(one.sql for one in call.arguments)), call.result)


def _is(text: str, call: Call) -> bool:
    return call.text == text


def _operands(node: exp.Expr) -> tuple[list[exp.Expr], list[exp.Expr], bool]:
    """Give an aggregate's operands, the keys of its ORDER BY, and whether it is DISTINCT."""
    if isinstance(node, exp.GroupConcat):
        operands = [node.this, *_listed(node.args.get("separator"))]
    else:
        operands = [one for one in node.expressions if not isinstance(one, exp.Star)]
    order: list[exp.Expr] = []
    found: list[exp.Expr] = []
    distinct = False
    for one in operands:
        if isinstance(one, exp.Order):
            order, one = one.expressions, one.this
        if isinstance(one, exp.Distinct):
            distinct = True
            found += one.expressions
        else:
            found.append(one)
    return found, order, distinct


@dataclass
class Grouping:
    """How one SELECT groups: its keys, which sets of them, and the aggregates that were asked for."""

    context: Context
    source: str
    """FROM and WHERE."""
    inner: Scope
    alias: str
    keys: list[tuple[str, Value]] = field(default_factory=list)
    """How a key is spelled, and its value before grouping."""
    sets: list[tuple[int, ...]] = field(default_factory=list)
    aggregates: dict[str, str] = field(default_factory=dict)
    """SQL of an aggregate -> its column."""
    marks: set[int] = field(default_factory=set)
    """Keys of which GROUPING is asked."""

    @classmethod
    def of(cls, context: Context, node: exp.Expr, source: str) -> Grouping:
        """Read a SELECT's GROUP BY; none is one group."""
        scope = context.scope
        found = cls(context, source, Scope(scope.fields, scope.outer), context.alias("q"))
        group = node.args.get("group")
        if group is not None and group.args.get("all"):
            raise Refused("GROUP BY ALL", "List the keys.", group)
        found._read(group.expressions if group is not None else [], node.expressions)
        return found

    def _read(self, elements: Sequence[exp.Expr], items: Sequence[exp.Expr]) -> None:
        parts = [self._sets(one, items) for one in elements]
        self.sets = [tuple(dict.fromkeys(itertools.chain(*chosen_))) for chosen_ in itertools.product(*parts)]

    def _sets(self, node: exp.Expr, items: Sequence[exp.Expr]) -> list[tuple[int, ...]]:
        """Give the sets of keys that one element of GROUP BY stands for."""
        if isinstance(node, exp.GroupingSets):
            return [one for part in node.expressions for one in self._sets(part, items)]
        if isinstance(node, exp.Rollup | exp.Cube):
            blocks = [self._block(one, items) for one in node.expressions]
            if isinstance(node, exp.Rollup):
                chosen_: Iterable[Sequence[tuple[int, ...]]] = (blocks[:size] for size in range(len(blocks), -1, -1))
            else:
                chosen_ = (c for size in range(len(blocks), -1, -1) for c in itertools.combinations(blocks, size))
            return [tuple(itertools.chain(*one)) for one in chosen_]
        return [self._block(node, items)]

    def _block(self, node: exp.Expr, items: Sequence[exp.Expr]) -> tuple[int, ...]:
        inner = node.unnest() if isinstance(node, exp.Paren) else node
        return tuple(self._key(one, items) for one in (inner.expressions if isinstance(inner, exp.Tuple) else [inner]))

    def _key(self, node: exp.Expr, items: Sequence[exp.Expr]) -> int:
        """Give the place of a key; a number means a column of the result."""
        if isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdigit():
            place = int(node.this)
            if not 1 <= place <= len(items):
                raise Refused(f"GROUP BY {place}", f"Expected 1 to {len(items)}.", node)
            node = items[place - 1].unalias()
        if aggregates_in(node):
            raise Refused("GROUP BY of an aggregate", "Group by columns.", node)
        with self.context.within(self.inner):
            spelled, value = self._spelled(node), self.context.value(node)
        if value.type.name in ("json", "function"):
            raise Refused(f"GROUP BY {value.type}", "Cast it to VARCHAR.", node)
        for at, (known, _) in enumerate(self.keys):
            if known == spelled:
                return at
        self.keys.append((spelled, value))
        return len(self.keys) - 1

    def _spelled(self, node: exp.Expr) -> str:
        """Spell an expression so that two that mean the same column are one."""

        def resolved(part: exp.Expr) -> exp.Expr:
            if (
                isinstance(part, exp.Column)
                and len(part.parts) <= len(("table", "column"))
                and not isinstance(part.this, exp.Star)
            ):
                qualifier = part.table.lower() or None
                found = found_column(self.context, qualifier, part.name.lower())
                return exp.Var(this=found.value.sql) if found is not None else part
            if isinstance(part, exp.Anonymous):
                part.set("this", str(part.this).lower())
            return part

        return str(node.copy().transform(resolved).sql(dialect=Presto, normalize_functions="lower"))

    def value(self, node: exp.Expr) -> Value | None:
        """Give what an expression is after grouping; nothing where its parts tell."""
        if isinstance(
            node, exp.Window | exp.Literal | exp.Null | exp.Boolean | exp.Subquery | exp.Lambda | exp.Identifier
        ):
            return None
        if isinstance(node, exp.Column) and node.name.lower() in self.context.parameters:
            return None
        with self.context.within(self.inner):
            found = self._key_of(node)
            if found is not None:
                return found
            if isinstance(node, exp.Anonymous) and str(node.name).lower() == "grouping":
                return self._marked(node)
            if aggregate_name(node) is not None:
                return self._aggregated(node)
        if isinstance(node, exp.Column) and self._is_own(node):
            raise Refused(f"column {node.name}", "It is neither in GROUP BY nor in an aggregate.", node)
        return None

    def _is_own(self, node: exp.Column) -> bool:
        return (
            found_column(replace_scope(self.context, self.inner), node.table.lower() or None, node.name.lower())
            is not None
        )

    def _key_of(self, node: exp.Expr) -> Value | None:
        if not self.keys:
            return None
        spelled = self._spelled(node)
        at = next((at for at, (known, _) in enumerate(self.keys) if known == spelled), None)
        return None if at is None else replace(self.keys[at][1], sql=f"{quoted(self.alias)}.g{at}", literal=None)

    def _marked(self, node: exp.Expr) -> Value:
        """Translate GROUPING: a bit per key, set where the key is not in the row's set."""
        places = []
        for one in node.expressions:
            spelled = self._spelled(one)
            at = next((at for at, (known, _) in enumerate(self.keys) if known == spelled), None)
            if at is None:
                raise Refused("GROUPING of what is not in GROUP BY", "Name a key.", node)
            places.append(at)
        self.marks |= set(places)
        bits = [
            f"CAST({quoted(self.alias)}.m{at} AS INT) * {2 ** (len(places) - 1 - n)}" for n, at in enumerate(places)
        ]
        return Value(f"({' + '.join(bits)})", INTEGER)

    def _aggregated(self, node: exp.Expr) -> Value:
        found = aggregate(self.context, node)
        name = self.aggregates.setdefault(found.sql, f"a{len(self.aggregates)}")
        return replace(found, sql=f"{quoted(self.alias)}.{name}")

    def sql(self) -> str:
        """Spell the query that groups, for FROM; the group of everything has a row even where there is none."""
        several = len(self.sets) > 1
        filled_ = [one for one in self.sets if one]
        selects = []
        if filled_:
            by = ", ".join(f"({', '.join(self.keys[at][1].sql for at in one)})" for one in filled_)
            keys = f"GROUPING SETS ({by})" if several else by[1:-1]
            selects.append(f"SELECT {self._columns(grouped=True, several=several)} {self.source} GROUP BY {keys}")
        selects += [f"SELECT {self._columns(grouped=False, several=several)} {self.source}"] * (
            len(self.sets) - len(filled_)
        )
        return f" FROM ({' UNION ALL '.join(selects)}) AS {quoted(self.alias)}"

    def _columns(self, *, grouped: bool, several: bool) -> str:
        found = []
        for at, (_, value) in enumerate(self.keys):
            found.append(f"{value.sql if grouped else 'NULL'} AS g{at}")
            if at in self.marks:
                mark = f"grouping({value.sql})" if grouped and several else "0" if grouped else "1"
                found.append(f"{mark} AS m{at}")
        found += [f"{sql} AS {name}" for sql, name in self.aggregates.items()]
        return ", ".join(found or ["count(1) AS a"])


def replace_scope(context: Context, scope: Scope) -> Context:
    """Give the context with another SELECT's own columns alone."""
    return replace(context, scope=Scope(scope.fields))
