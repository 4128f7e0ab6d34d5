"""SELECT, set operations and WITH: which columns come out, in which order, how many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.casts import coerced
from cdp_assets.audiences.context import Context, Field, Relation, Scope, direction
from cdp_assets.audiences.expressions import condition, one_type
from cdp_assets.audiences.grouping import Grouping, aggregates_in
from cdp_assets.audiences.relations import from_clause, values
from cdp_assets.audiences.values import Refused, Value, quoted
from cdp_assets.audiences.windows import ranked

KNOWN = frozenset((
    "with_", "expressions", "from_", "joins", "where", "group", "having", "order", "limit", "offset", "distinct",
    "windows",
))  # fmt: skip
SET_OPERATIONS: Mapping[type[exp.Expr], str] = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}
MOST_RECURSIONS = 10
"""Presto's own limit; a step further is an error."""


@dataclass(frozen=True)
class Item:
    """A column of the result."""

    name: str | None
    value: Value
    node: exp.Expr | None


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


DEPTH = "_depth"


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
        keys = _order(context, node, items)
    if _with_ties(node):
        raise Refused("WITH TIES after a set operation", "Put the set operation into a subquery.", node)
    listed = ", ".join(f"{item.value.sql} AS {one.value.sql}" for item, one in zip(items, inner.fields, strict=True))
    sql = f"SELECT {listed} FROM ({inner.sql}) AS {quoted(alias)}"
    return Relation(sql + _tail(context, node, keys), inner.fields)


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
        items = _items(context, node)
        having = node.args.get("having")
        kept = f" WHERE {condition(context.value(having.this), having.this)}" if having is not None else ""
        keys = _order(context, node, items)
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


def _items(context: Context, node: exp.Expr) -> list[Item]:
    """Give the columns of the result; a star stands for many."""
    found: list[Item] = []
    for one in node.expressions:
        inner = one.unalias()
        if isinstance(inner, exp.Star) or (isinstance(inner, exp.Column) and isinstance(inner.this, exp.Star)):
            found += _starred(context, inner)
            continue
        if isinstance(inner, exp.Dot) and isinstance(inner.expression, exp.Star):
            found += _row_starred(context, inner)
            continue
        name = one.alias if isinstance(one, exp.Alias) else _plain_name(one)
        found.append(Item(name, context.value(inner), inner))
    if not found:
        raise Refused("SELECT of nothing", "Select columns.", node)
    return found


def _plain_name(node: exp.Expr) -> str | None:
    """Give the name that a column has by itself."""
    if isinstance(node, exp.Column):
        return str(node.name)
    return str(node.expression.name) if isinstance(node, exp.Dot) else None


def _starred(context: Context, node: exp.Expr) -> list[Item]:
    if node.args.get("except_") or node.args.get("replace") or node.args.get("rename"):
        raise Refused("* with EXCEPT or REPLACE", "List the columns.", node)
    qualifier = node.args["table"].name.lower() if isinstance(node, exp.Column) else None
    fields = [one for one in context.scope.fields if qualifier in (None, (one.qualifier or "").lower())]
    if not fields:
        raise Refused(f"{qualifier or ''}*", "There is no such table in FROM.", node)
    if context.scope.grouped is None:
        return [Item(one.name, one.value, None) for one in fields]
    columns = [exp.column(one.name or "", table=one.qualifier) for one in fields]
    return [Item(one.name, context.value(column), column) for one, column in zip(fields, columns, strict=True)]


def _row_starred(context: Context, node: exp.Expr) -> list[Item]:
    whole = context.value(node.this)
    if whole.type.name != "row":
        raise Refused(f"{whole.type}.*", "Expected a row.", node)
    names = types.field_names(whole.type)
    return [
        Item(name, Value(f"{whole.sql}.{quoted(own)}", part), None)
        for name, own, part in zip(whole.type.fields, names, whole.type.parts, strict=True)
    ]


@dataclass(frozen=True)
class Key:
    """A key of ORDER BY: a column of the result by its place, or a value of its own."""

    value: Value
    place: int | None
    order: str


def _order(context: Context, node: exp.Expr, items: Sequence[Item]) -> list[Key]:
    order = node.args.get("order")
    found = []
    for one in order.expressions if order is not None else ():
        value, place = _key(context, one.this, items)
        if value.type.name in ("map", "json", "function"):
            raise Refused(f"ORDER BY {value.type}", "It has no order.", one)
        found.append(Key(value, place, direction(one)))
    return found


def _key(context: Context, node: exp.Expr, items: Sequence[Item]) -> tuple[Value, int | None]:
    """Give what a key means: a place, a name of the result, or an expression in which such names may stand."""
    if isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdigit():
        place = int(node.this) - 1
        if not 0 <= place < len(items):
            raise Refused(f"ORDER BY {node.this}", f"Expected 1 to {len(items)}.", node)
        return items[place].value, place
    if isinstance(node, exp.Column) and not node.table:
        places = [at for at, item in enumerate(items) if (item.name or "").lower() == node.name.lower()]
        if len(places) > 1 and len({items[at].value.sql for at in places}) > 0:
            raise Refused(f"ORDER BY {node.name}", "Two columns of the result have this name; rename one.", node)
        if places:
            return items[places[0]].value, places[0]
    with context.lambda_of({}):
        value = _with_aliases(context, node, items)
    same = next((at for at, item in enumerate(items) if item.value.sql == value.sql), None)
    return value, same


def _with_aliases(context: Context, node: exp.Expr, items: Sequence[Item]) -> Value:
    """Translate an expression of ORDER BY, in which names of the result come before those of FROM."""
    names = {
        item.name.lower(): item.value
        for item in items
        if item.name and not (isinstance(item.node, exp.Column) and item.node.name.lower() == item.name.lower())
    }
    used = {one.name.lower() for one in node.find_all(exp.Column) if not one.table}
    if not names.keys() & used or aggregates_in(node):
        return context.value(node)
    scope = Scope(
        (*(Field(name, value) for name, value in names.items()),
         *(one for one in context.scope.fields if (one.name or "").lower() not in names)),
        context.scope.outer, context.scope.grouped,
    )  # fmt: skip
    with context.within(scope):
        return context.value(node)


def _result(context: Context, node: exp.Expr, items: Sequence[Item], keys: Sequence[Key], source: str) -> Relation:
    """Spell the SELECT; where it is ordered or cut, from a subquery that holds the keys as well."""
    names = _column_names(items)
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
    if _with_ties(node):
        return Relation(f"SELECT {outer} FROM {_tied(node, inner, alias, ordered)}", fields)
    return Relation(f"SELECT {outer} FROM ({inner}) AS {quoted(alias)}{_tail(context, node, ordered)}", fields)


def _with_ties(node: exp.Expr) -> bool:
    limit = node.args.get("limit")
    options = limit.args.get("limit_options") if isinstance(limit, exp.Fetch) else None
    return options is not None and bool(options.args.get("with_ties"))


def _tied(node: exp.Expr, inner: str, alias: str, keys: Sequence[Key]) -> str:
    """Spell FETCH FIRST n ROWS WITH TIES: every row whose rank is not behind the last one's."""
    if not keys:
        raise Refused("WITH TIES without ORDER BY", "Order the rows.", node)
    limit, offset = node.args["limit"], node.args.get("offset")
    skipped = _count(offset.expression, node) if offset is not None else 0
    last = skipped + (_count(limit.args.get("count"), node) if limit.args.get("count") is not None else 1)
    order = f"ORDER BY {', '.join(f'{key.value.sql} {key.order}' for key in keys)}"
    ranked = (
        f"SELECT *, rank() OVER ({order}) AS _rank, row_number() OVER ({order}) AS _row FROM ({inner})"
        f" AS {quoted(alias)}"
    )
    return f"({ranked}) AS {quoted(alias)} WHERE _rank <= {last} AND _row > {skipped} {order}"


def _typed_null(value: Value) -> str:
    return "CAST(NULL AS STRING)" if value.sql == "NULL" else value.sql


def _constant(zone: str | None) -> str | None:
    return zone if zone is not None and zone.startswith("'") else None


def _column_names(items: Sequence[Item]) -> list[str]:
    """Name the columns, each by a name of its own."""
    found: list[str] = []
    for at, item in enumerate(items):
        name = (item.name or f"_col{at}").lower()
        found.append(name if name not in found and name != DEPTH else f"{name}_{at}")
    return found


def _tail(context: Context, node: exp.Expr, keys: Sequence[Key]) -> str:
    """Spell ORDER BY, LIMIT, FETCH FIRST and OFFSET."""
    found = f" ORDER BY {', '.join(f'{key.value.sql} {key.order}' for key in keys)}" if keys else ""
    limit, offset = node.args.get("limit"), node.args.get("offset")
    if isinstance(limit, exp.Fetch):
        found += (
            f" LIMIT {_count(limit.args.get('count'), node)}" if limit.args.get("count") is not None else " LIMIT 1"
        )
    elif limit is not None and str(limit.expression).upper() != "ALL":
        found += f" LIMIT {_count(limit.expression, node)}"
    return found + (f" OFFSET {_count(offset.expression, node)}" if offset is not None else "")


def _count(node: exp.Expr | None, around: exp.Expr) -> int:
    if isinstance(node, exp.Literal) and str(node.this).isdigit():
        return int(node.this)
    raise Refused("LIMIT or OFFSET that is not a number", "Write the number.", around)
