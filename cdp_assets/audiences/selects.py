"""SELECT, set operations and WITH: which columns come out, in which order, how many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.casts import coerced
from cdp_assets.audiences.context import Context, Field, Relation, Scope
from cdp_assets.audiences.expressions import condition, one_type
from cdp_assets.audiences.grouping import Grouping, aggregates_in
from cdp_assets.audiences.ordering import Key, has_ties, order_of, tail, tied
from cdp_assets.audiences.relations import from_clause, values
from cdp_assets.audiences.select_list import DEPTH, Item, column_names, items_of
from cdp_assets.audiences.values import Refused, Value, quoted
from cdp_assets.audiences.windows import ranked

KNOWN = frozenset((
    "with_", "expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct",
    "windows",
))  # fmt: skip
SET_OPERATIONS: Mapping[type[exp.Expr], str] = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}
MOST_RECURSIONS = 10
"""Presto's own limit; a step further is an error."""


def query(context: Context, node: exp.Expr) -> Relation:
    """Translate a query; its columns stand by their names in the SQL that comes out."""
    with context.ctes_of(_ctes(context, node)):
        if isinstance(node, exp.Subquery):
            return _ordered_query(context, node, query(context, node.this))
        if isinstance(node, exp.Select):
            return _select(context, node)
        if isinstance(node, exp.Values):
            return _ordered_query(context, node, values(context, node))
        if type(node) in SET_OPERATIONS:
            return _ordered_query(context, node, _set_operation(context, node))
    raise Refused(node.key.upper(), "Write a SELECT.", node)


def _ctes(context: Context, node: exp.Expr) -> Mapping[str, Relation]:
    """Translate WITH: each common table expression stands once, before the whole query."""
    with_ = node.args.get("with_")
    recursive = with_ is not None and with_.args.get("recursive")
    found: dict[str, Relation] = {}
    for cte in with_.expressions if with_ is not None else ():
        with context.ctes_of(found), context.within(Scope()):
            name, alias = context.alias("w"), cte.args["alias"]
            names = [one.name for one in alias.args.get("columns") or ()]
            if recursive and _reads(cte.this, alias.name):
                found[alias.name.lower()] = _recursive(context, cte, name, names)
                continue
            inner = query(context, cte.this)
        fields = _named(inner.fields, names, cte)
        context.ctes.append(f"{name} AS ({inner.sql})")
        found[alias.name.lower()] = Relation(name, fields)
    return found


def _named(fields: Sequence[Field], names: Sequence[str], node: exp.Expr) -> tuple[Field, ...]:
    if names and len(names) != len(fields):
        raise Refused(f"{len(names)} column names", f"Expected {len(fields)}.", node)
    return tuple(replace(one, name=name) for one, name in zip(fields, names, strict=True)) if names else tuple(fields)


def _reads(node: exp.Expr, name: str) -> bool:
    return any(table.name.lower() == name.lower() and len(table.parts) == 1 for table in node.find_all(exp.Table))


def _recursive(context: Context, cte: exp.Expr, name: str, names: Sequence[str]) -> Relation:
    """Translate a recursive common table expression; the depth is counted, and bounded as in Presto."""
    union = cte.this
    if not isinstance(union, exp.Union) or union.args.get("distinct"):
        raise Refused("WITH RECURSIVE of this form", "Write a first query UNION ALL the step.", cte)
    first = query(context, union.this)
    columns = [f"c{at}" for at in range(len(first.fields))]
    fields = tuple(
        replace(one, value=Value(quoted(column), one.value.type))
        for column, one in zip(columns, first.fields, strict=True)
    )
    raw = context.alias("r")
    known = Relation(raw, (*_named(fields, names, cte), Field(DEPTH, Value(quoted(DEPTH), types.INTEGER))))
    with context.ctes_of({cte.alias.lower(): known}):
        step = _step(context, union.expression, cte.alias)
    start = ", ".join(
        f"CAST({one.value.sql} AS {types.spark(one.value.type)}) AS {column}"
        for one, column in zip(first.fields, columns, strict=True)
    )
    taken = ", ".join(
        f"CAST({coerced(one.value, kept.value.type).sql} AS {types.spark(kept.value.type)}) AS {column}"
        for one, kept, column in zip(step.fields[:-1], first.fields, columns, strict=True)
    )
    depth = (
        f"CASE WHEN {step.fields[-1].value.sql} >= {MOST_RECURSIONS} THEN raise_error('Recursion depth"
        f" limit exceeded ({MOST_RECURSIONS})') ELSE {step.fields[-1].value.sql} + 1 END"
    )
    listed = ", ".join((*columns, quoted(DEPTH)))
    context.recursive = True
    context.ctes.append(sql_of_recursion(raw, listed, (start, first.sql), (taken, depth, step.sql)))
    kept_rows = f"SELECT {', '.join(columns)} FROM {raw} WHERE {quoted(DEPTH)} <= {MOST_RECURSIONS}"
    context.ctes.append(f"{name} AS ({kept_rows})")
    return Relation(name, known.fields[:-1])


def sql_of_recursion(name: str, listed: str, first: tuple[str, str], step: tuple[str, str, str]) -> str:
    """Spell the recursion for Spark."""
    return (
        f"{name}({listed}) AS (SELECT {first[0]}, 0 FROM ({first[1]}) UNION ALL"
        f" SELECT {step[0]}, {step[1]} FROM ({step[2]}))"
    )


def _step(context: Context, node: exp.Expr, name: str) -> Relation:
    """Translate the step of a recursion, with the depth as its last column."""
    if not isinstance(node, exp.Select) or node.args.get("group") or node.args.get("distinct"):
        raise Refused("WITH RECURSIVE with such a step", "Write a plain SELECT.", node)
    called = next(
        (table.alias_or_name for table in node.find_all(exp.Table) if table.name.lower() == name.lower()), name
    )
    deeper = node.copy()
    deeper.append("expressions", exp.column(DEPTH, table=called))
    return query(context, deeper)


def _set_operation(context: Context, node: exp.Expr) -> Relation:
    """Translate UNION, INTERSECT and EXCEPT: columns become what both sides become."""
    left, right = query(context, node.this), query(context, node.expression)
    if len(left.fields) != len(right.fields):
        raise Refused(
            f"{node.key.upper()} of {len(left.fields)} and {len(right.fields)} columns", "Select as many.", node
        )
    kinds = [one_type([a.value, b.value], node.key.upper()) for a, b in zip(left.fields, right.fields, strict=True)]
    names = [f"c{at}" for at in range(len(kinds))]
    sides = [_typed_side(one, kinds, names) for one in (left, right)]
    all_ = "" if node.args.get("distinct", True) else " ALL"
    sql = f"{sides[0]} {SET_OPERATIONS[type(node)]}{all_} {sides[1]}"
    fields = tuple(
        Field(one.name, Value(quoted(name), kind, one.value.zone if one.value.zone == other.value.zone else None))
        for one, other, name, kind in zip(left.fields, right.fields, names, kinds, strict=True)
    )
    return Relation(f"SELECT * FROM ({sql})", fields)


def _typed_side(side: Relation, kinds: Sequence[types.Type], names: Sequence[str]) -> str:
    listed = ", ".join(
        f"{coerced(one.value, kind).sql} AS {name}" for one, kind, name in zip(side.fields, kinds, names, strict=True)
    )
    return f"(SELECT {listed} FROM ({side.sql}))"


def _ordered_query(context: Context, node: exp.Expr, inner: Relation) -> Relation:
    """Order and limit a query that is no SELECT."""
    if not any(node.args.get(part) for part in ("order", "limit", "offset")):
        return inner
    alias = context.alias("q")
    items = [Item(one.name, replace(one.value, sql=f"{quoted(alias)}.{one.value.sql}"), None) for one in inner.fields]
    with context.within(Scope(outer=context.scope.outer)):
        keys = order_of(context, node, items)
    if has_ties(node):
        raise Refused("WITH TIES after a set operation", "Put the set operation into a subquery.", node)
    listed = ", ".join(f"{item.value.sql} AS {one.value.sql}" for item, one in zip(items, inner.fields, strict=True))
    sql = f"SELECT {listed} FROM ({inner.sql}) AS {quoted(alias)}"
    return Relation(sql + tail(context, node, keys), inner.fields)


def _select(context: Context, node: exp.Expr) -> Relation:
    """Translate one SELECT."""
    for part, found in node.args.items():
        if found and part not in KNOWN and not (part == "kind" and not found):
            raise Refused(part.rstrip("_").upper(), "Presto has no such clause.", node)
    scope = Scope(outer=context.scope)
    with context.within(scope):
        source = from_clause(context, node)
        scope.fields = source.fields
        scope.windows = {one.this.name.lower(): one for one in node.args.get("windows") or ()}
        where = node.args.get("where")
        test = f" WHERE {condition(context.value(where.this), where.this)}" if where is not None else ""
        grouping = _grouping(context, node, source, test)
        if grouping is None:
            source, test = ranked(context, node, source, test)
            scope.fields = source.fields
        scope.over = True
        if grouping is not None:
            scope.grouped = grouping.value
        items = items_of(context, node)
        having = node.args.get("having")
        kept = f" WHERE {condition(context.value(having.this), having.this)}" if having is not None else ""
        keys = order_of(context, node, items)
    source_sql = grouping.sql() + kept if grouping is not None else (f" FROM {source.sql}" if source.sql else "") + test
    return _result(context, node, items, keys, source_sql)


def _grouping(context: Context, node: exp.Expr, source: Relation, test: str) -> Grouping | None:
    """Give how a SELECT groups, or nothing where it does not."""
    parts = [*node.expressions, *_parts(node, "having"), *_parts(node, "order")]
    if node.args.get("group") is None and not any(aggregates_in(part) for part in parts):
        if node.args.get("having") is not None:
            raise Refused("HAVING without GROUP BY", "Write WHERE.", node)
        return None
    return Grouping.of(context, node, f"FROM {source.sql}{test}" if source.sql else test)


def _parts(node: exp.Expr, name: str) -> list[exp.Expr]:
    found = node.args.get(name)
    return [found] if found is not None else []


def _result(context: Context, node: exp.Expr, items: Sequence[Item], keys: Sequence[Key], source: str) -> Relation:
    """Spell the SELECT; where it is ordered or cut, from a subquery that holds the keys as well."""
    names = column_names(items)
    fields = tuple(
        Field(item.name, Value(quoted(name), item.value.type, _constant(item.value.zone)))
        for item, name in zip(items, names, strict=True)
    )
    listed = [f"{_typed_null(item.value)} AS {quoted(name)}" for item, name in zip(items, names, strict=True)]
    distinct = "DISTINCT " if node.args.get("distinct") else ""
    if node.args.get("distinct") and node.args["distinct"].args.get("on"):
        raise Refused("DISTINCT ON", "Number the rows in a subquery.", node)
    if not any(node.args.get(part) for part in ("order", "limit", "offset")):
        return Relation(f"SELECT {distinct}{', '.join(listed)}{source}", fields)
    alias, hidden, ordered = context.alias("q"), [], []
    for at, key in enumerate(keys):
        name = names[key.place] if key.place is not None else f"_order{at}"
        if key.place is None:
            if distinct:
                raise Refused("ORDER BY of what SELECT DISTINCT does not give", "Select it too.", node)
            hidden.append(f"{key.value.sql} AS {quoted(name)}")
        ordered.append(replace(key, value=replace(key.value, sql=f"{quoted(alias)}.{quoted(name)}")))
    inner = f"SELECT {distinct}{', '.join([*listed, *hidden])}{source}"
    outer = ", ".join(f"{quoted(alias)}.{quoted(name)} AS {quoted(name)}" for name in names)
    if has_ties(node):
        return Relation(f"SELECT {outer} FROM {tied(node, inner, alias, ordered)}", fields)
    return Relation(f"SELECT {outer} FROM ({inner}) AS {quoted(alias)}{tail(context, node, ordered)}", fields)


def _typed_null(value: Value) -> str:
    return "CAST(NULL AS STRING)" if value.sql == "NULL" else value.sql


def _constant(zone: str | None) -> str | None:
    return zone if zone is not None and zone.startswith("'") else None
