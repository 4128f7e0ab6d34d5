"""What stands in FROM: tables, subqueries, VALUES, UNNEST and joins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.casts import coerced
from cdp_assets.audiences.context import MARK, Context, Field, Relation, Scope, column, own_name, requalified
from cdp_assets.audiences.expressions import condition, one_type
from cdp_assets.audiences.operators import compared
from cdp_assets.audiences.types import BIGINT, Type, field_names
from cdp_assets.audiences.values import Refused, Value, quoted

_NOT_INLINE = re.compile(r"presto_|->|raise_error|SELECT|rand\(|uuid\(")
"""What Spark does not take in VALUES."""
SIDES = {"": "JOIN", "LEFT": "LEFT JOIN", "RIGHT": "RIGHT JOIN", "FULL": "FULL JOIN"}


def from_clause(context: Context, select: exp.Expr) -> Relation:
    """Translate FROM and its joins; a SELECT without FROM has one row."""
    source = select.args.get("from_")
    if source is None:
        return Relation("", ())
    found = relation(context, source.this, ())
    for join in select.args.get("joins") or ():
        found = joined(context, found, join)
    return found


def relation(context: Context, node: exp.Expr, left: Sequence[Field]) -> Relation:
    """Translate one part of FROM; a lateral one sees the columns left of it."""
    if isinstance(node, exp.Table):
        found = _table(context, node)
    elif isinstance(node, exp.Values):
        found = _aliased(context, values(context, node), node)
    elif isinstance(node, exp.Unnest):
        return _sampled(context, _unnest(context, node, left), node)
    elif isinstance(node, exp.Lateral):
        with context.within(Scope(tuple(left), context.scope)):
            inner = context.query(context, node.this.unnest())
        found = _aliased(context, inner, node, "LATERAL ")
    elif isinstance(node, exp.Subquery | exp.Paren):
        found = _subquery(context, node)
    else:
        raise Refused(f"{node.key.upper()} in FROM", "Write a table, a subquery, VALUES or UNNEST.", node)
    for join in node.args.get("joins") or ():
        found = joined(context, found, join)
    return _sampled(context, found, node)


def _table(context: Context, node: exp.Table) -> Relation:
    """Translate a table or the name of a common table expression."""
    for part in ("version", "pivots", "laterals", "hints", "when", "only", "partition", "ordinality"):
        if node.args.get(part):
            raise Refused(f"a table with {part.upper()}", "Write its name alone.", node)
    alias = context.alias("t")
    known = context.named.get(node.name.lower()) if len(node.parts) == 1 else None
    if known is not None:
        fields = tuple(column(alias, _own(one), one.value, one.name) for one in known.fields)
        sql = f"{known.sql} AS {quoted(alias)}"
    else:
        table, columns = context.tables(node)
        context.references.add(table)
        fields = tuple(column(alias, name, Value("", kind), name) for name, kind in columns.items())
        sql = f"{MARK}{table}{MARK} AS {quoted(alias)}"
    return _renamed(Relation(sql, fields), node, node.name)


def _own(field: Field) -> str:
    """Give a column's name in the query that made it."""
    return own_name(field.value.sql).strip("`").replace("``", "`")


def _renamed(found: Relation, node: exp.Expr, name: str | None = None) -> Relation:
    """Give a relation's columns the names that its alias gives them."""
    alias = node.args.get("alias")
    qualifier = alias.name if alias is not None and alias.name else name
    names = [one.name for one in alias.args.get("columns") or ()] if alias is not None else []
    fields = requalified(found, qualifier)
    if names:
        if len(names) != len(fields):
            raise Refused(f"{len(names)} column names", f"Expected {len(fields)}, one per column.", node)
        fields = tuple(replace(one, name=new) for one, new in zip(fields, names, strict=True))
    return replace(found, fields=fields)


def _aliased(context: Context, inner: Relation, node: exp.Expr, before: str = "") -> Relation:
    """Put a query in FROM."""
    alias = context.alias("q")
    fields = tuple(column(alias, _own(one), one.value, one.name) for one in inner.fields)
    return _renamed(Relation(f"{before}({inner.sql}) AS {quoted(alias)}", fields), node)


def _subquery(context: Context, node: exp.Expr) -> Relation:
    inner = node.this
    if isinstance(inner, exp.Table):
        found = relation(context, inner, ())
        return _renamed(found, node) if node.args.get("alias") else found
    if isinstance(inner, exp.Subquery) and not inner.args.get("alias") and not isinstance(inner.this, exp.Query):
        return relation(context, inner, ())
    with context.within(Scope(outer=context.scope.outer)):
        found = context.query(context, inner)
    return _aliased(context, found, node)


def _sampled(context: Context, found: Relation, node: exp.Expr) -> Relation:
    """Translate TABLESAMPLE BERNOULLI: each row is kept with the same chance."""
    sample = node.args.get("sample")
    if sample is None:
        return found
    percent = sample.args.get("percent")
    if str(sample.args.get("method")).upper() != "BERNOULLI" or not isinstance(percent, exp.Literal):
        raise Refused("TABLESAMPLE of this kind", "Write TABLESAMPLE BERNOULLI (percent).", node)
    alias = context.alias("q")
    names = [context.alias("c") for _ in found.fields]
    listed = ", ".join(f"{one.value.sql} AS {quoted(name)}" for one, name in zip(found.fields, names, strict=True))
    kept = f"rand() * 100 < {float(percent.name)!r}D"
    fields = tuple(
        column(alias, name, one.value, one.name, one.qualifier) for one, name in zip(found.fields, names, strict=True)
    )
    return Relation(f"(SELECT {listed} FROM {found.sql} WHERE {kept}) AS {quoted(alias)}", fields)


def values(context: Context, node: exp.Expr) -> Relation:
    """Translate VALUES: each column has the type that all its values become."""
    rows = [
        [context.value(cell) for cell in (row.expressions if isinstance(row, exp.Tuple) else [row])]
        for row in node.expressions
    ]
    if len({len(row) for row in rows}) != 1:
        raise Refused("VALUES with rows of several lengths", "Write as many values in each row.", node)
    kinds = [one_type(cells, "VALUES") for cells in zip(*rows, strict=True)]
    names = [f"c{at}" for at in range(len(kinds))]
    cells = [[_cell(one, kind) for one, kind in zip(row, kinds, strict=True)] for row in rows]
    if any(_NOT_INLINE.search(cell) for row in cells for cell in row):
        sql = " UNION ALL ".join(
            f"SELECT {', '.join(f'{cell} AS {name}' for cell, name in zip(row, names, strict=True))}" for row in cells
        )
    else:
        listed = ", ".join(f"({', '.join(row)})" for row in cells)
        sql = f"SELECT * FROM VALUES {listed} AS {context.alias('v')}({', '.join(names)})"
    zones = [
        {coerced(one, kind).zone for one in column_}
        for column_, kind in zip(zip(*rows, strict=True), kinds, strict=True)
    ]
    found = [
        Value(quoted(name), kind, zone.pop() if len(zone) == 1 else None)
        for name, kind, zone in zip(names, kinds, zones, strict=True)
    ]
    return Relation(sql, tuple(Field(None, one) for one in found))


def _cell(value: Value, kind: Type) -> str:
    if value.type.name == "unknown" and kind.name != "unknown":
        return f"CAST(NULL AS {types.spark(kind)})"
    return coerced(value, kind).sql


def _unnest(context: Context, node: exp.Expr, left: Sequence[Field]) -> Relation:
    """Translate UNNEST: arrays side by side, rows by their fields, maps by key and value."""
    with context.within(Scope(tuple(left), context.scope.outer)):
        operands = [context.value(one) for one in node.expressions]
    alias, place = context.alias("u"), quoted(context.alias("p"))
    arrays = [part for one in operands for part in _arrays(one)]
    if len(arrays) == 1:
        source, got = f"posexplode({arrays[0].sql}) AS {alias}({place}, e)", ["e"]
    else:
        sizes = ", ".join(f"coalesce(size({one.sql}), 0)" for one in arrays)
        source = f"posexplode(array_repeat(0, greatest({sizes}))) AS {alias}({place}, e)"
        got = [f"get({one.sql}, {place})" for one in arrays]
    columns = [part for sql, one in zip(got, arrays, strict=True) for part in _spread_row(Value(sql, one.type.element))]
    offset = node.args.get("offset")
    if offset:
        columns.append(Value(f"CAST({place} + 1 AS BIGINT)", BIGINT))
    names = [f"c{at}" for at in range(len(columns))]
    listed = ", ".join(f"{one.sql} AS {name}" for one, name in zip(columns, names, strict=True))
    outer = quoted(context.alias("q"))
    fields = tuple(column(outer.strip("`"), name, one, None) for one, name in zip(columns, names, strict=True))
    lateral = "LATERAL " if left else ""
    return _unnest_names(Relation(f"{lateral}(SELECT {listed} FROM {source}) AS {outer}", fields), node)


def _arrays(value: Value) -> list[Value]:
    if value.type.name == "array":
        return [value]
    if value.type.name == "map":
        key, item = value.type.parts
        return [Value(f"map_keys({value.sql})", types.array(key)), Value(f"map_values({value.sql})", types.array(item))]
    raise Refused(f"UNNEST({value.type})", "Expected an array or a map.")


def _spread_row(value: Value) -> list[Value]:
    if value.type.name != "row":
        return [value]
    names = zip(field_names(value.type), value.type.parts, strict=True)
    return [Value(f"{value.sql}.{quoted(name)}", part) for name, part in names]


def _unnest_names(found: Relation, node: exp.Expr) -> Relation:
    """Name the columns: the parser keeps the ordinality's name apart."""
    alias, offset = node.args.get("alias"), node.args.get("offset")
    names = [one.name for one in (alias.args.get("columns") or ())] if alias is not None else []
    if names and isinstance(offset, exp.Identifier):
        names.append(offset.name)
    if names and len(names) != len(found.fields):
        raise Refused(f"UNNEST with {len(names)} column names", f"Expected {len(found.fields)}.", node)
    given = names or [None] * len(found.fields)
    qualifier = alias.name if alias is not None and alias.name else None
    fields = zip(found.fields, given, strict=True)
    return replace(found, fields=tuple(replace(one, name=name, qualifier=qualifier) for one, name in fields))


def joined(context: Context, left: Relation, node: exp.Expr) -> Relation:
    """Join a relation to what stands left of it."""
    side, method = str(node.args.get("side") or "").upper(), node.args.get("method")
    if method or side not in SIDES or str(node.args.get("kind") or "").upper() not in ("", "INNER", "CROSS", "OUTER"):
        raise Refused(f"{method or node.args.get('kind')} JOIN", "Write JOIN … ON.", node)
    right = relation(context, node.this, left.fields)
    using, on = node.args.get("using") or (), node.args.get("on")
    both = left.fields + right.fields
    if using:
        return _using(left, right, side, [one.name.lower() for one in using])
    if on is None:
        if side:
            raise Refused(f"{side} JOIN without ON", "Write ON, or CROSS JOIN.", node)
        return Relation(f"{left.sql} CROSS JOIN {right.sql}", both)
    context.in_on, before = bool(side), context.in_on
    with context.within(Scope(both, context.scope.outer)):
        test = condition(context.value(on), on)
    context.in_on = before
    return Relation(f"{left.sql} {SIDES[side]} {right.sql} ON {test}", both)


def _using(left: Relation, right: Relation, side: str, names: list[str]) -> Relation:
    """Join by columns of one name, which stand once in the result."""
    tests, shared = [], []
    for name in names:
        one, other = (_only(fields, name) for fields in (left.fields, right.fields))
        tests.append(compared(None, "=", one, other).sql)  # type: ignore[arg-type]
        kind = one_type([one, other], "USING")
        first, second = coerced(one, kind), coerced(other, kind)
        sql = {"RIGHT": second.sql, "FULL": f"coalesce({first.sql}, {second.sql})"}.get(side, first.sql)
        shared.append(Field(name, Value(sql, kind)))
    rest = [one for one in left.fields + right.fields if (one.name or "").lower() not in names]
    sql = f"{left.sql} {SIDES[side]} {right.sql} ON {' AND '.join(tests)}"
    return Relation(sql, (*shared, *rest))


def _only(fields: Sequence[Field], name: str) -> Value:
    found = [one for one in fields if (one.name or "").lower() == name]
    if len(found) != 1:
        raise Refused(f"USING ({name})", "Expected a column that each side has once.")
    return found[0].value
