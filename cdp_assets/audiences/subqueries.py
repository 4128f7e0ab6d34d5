"""Queries inside expressions: IN, EXISTS, ANY and ALL, and those that give one value."""

from __future__ import annotations

from sqlglot import exp

from cdp_assets.audiences.casts import coerced
from cdp_assets.audiences.context import Context, Rule, own_name
from cdp_assets.audiences.expressions import one_type
from cdp_assets.audiences.operators import compared
from cdp_assets.audiences.types import BOOLEAN
from cdp_assets.audiences.values import Refused, Value, quoted


def membership(context: Context, node: exp.Expr) -> Value:
    """Translate IN (values) and IN (query)."""
    if node.args.get("query") is not None:
        return _in_query(context, node)
    value = context.value(node.this)
    tests = [compared(context, "=", value, context.value(one)).sql for one in node.expressions]
    if not tests:
        raise Refused("IN of nothing", "Write values.", node)
    if value.type.name in ("bigint", "integer", "varchar", "date") and all(" IS " not in one for one in tests):
        kind = one_type([value, *map(context.value, node.expressions)], "IN")
        listed = ", ".join(coerced(context.value(one), kind).sql for one in node.expressions)
        if kind.name in ("bigint", "integer", "varchar", "date"):
            return Value(f"({coerced(value, kind).sql} IN ({listed}))", BOOLEAN)
    return Value(f"({' OR '.join(tests)})", BOOLEAN)


def _in_query(context: Context, node: exp.Expr) -> Value:
    """Translate IN (query); where NULL is not the same as false, it is told by EXISTS."""
    subject = node.this
    subjects = [context.value(one) for one in (subject.expressions if isinstance(subject, exp.Tuple) else [subject])]
    found = context.query(context, node.args["query"].unnest())
    if len(found.fields) != len(subjects):
        raise Refused(f"IN with {len(found.fields)} columns", f"Expected {len(subjects)}.", node)
    alias = context.alias("s")
    pairs = [
        (one, Value(f"{quoted(alias)}.{own_name(one_field.value.sql)}", one_field.value.type))
        for one, one_field in zip(subjects, found.fields, strict=True)
    ]
    for one, other in pairs:
        compared(context, "=", one, other)
    if _only_true_counts(node):
        kinds = [one_type(pair, "IN") for pair in pairs]
        left = ", ".join(coerced(one, kind).sql for (one, _), kind in zip(pairs, kinds, strict=True))
        right = ", ".join(coerced(other, kind).sql for (_, other), kind in zip(pairs, kinds, strict=True))
        return Value(f"(({left}) IN (SELECT {right} FROM ({found.sql}) AS {quoted(alias)}))", BOOLEAN)
    if len(pairs) > 1:
        raise Refused("IN of rows outside WHERE", "Write a LEFT JOIN.", node)
    (one, other), source = pairs[0], f"FROM ({found.sql}) AS {quoted(alias)}"
    return Value(
        f"CASE WHEN EXISTS(SELECT 1 {source} WHERE {compared(context, '=', other, one).sql}) THEN true"
        f" WHEN EXISTS(SELECT 1 {source} WHERE {other.sql} IS NULL)"
        f" OR {one.sql} IS NULL AND EXISTS(SELECT 1 {source}) THEN CAST(NULL AS BOOLEAN) ELSE false END",
        BOOLEAN,
    )


def quantified(context: Context, node: exp.Expr, sign: str, *, every: bool) -> Value:
    """Translate a comparison with ANY or ALL of a query; a NULL may leave it unknown."""
    subject, inner = context.value(node.this), node.expression
    source = inner.expressions[0] if isinstance(inner, exp.Anonymous) else inner.this.unnest()
    found = context.query(context, source)
    if len(found.fields) != 1:
        raise Refused(f"a comparison with {len(found.fields)} columns", "Expected one.", node)
    alias, field_ = context.alias("s"), found.fields[0].value
    other = Value(f"{quoted(alias)}.{own_name(field_.sql)}", field_.type)
    test = compared(context, sign, subject, other).sql
    decides, last = (f"NOT {test}", "false") if every else (test, "true")
    rows = f"FROM ({found.sql}) AS {quoted(alias)} WHERE"
    return Value(
        f"CASE WHEN EXISTS(SELECT 1 {rows} {decides}) THEN {last} WHEN EXISTS(SELECT 1 {rows} {test} IS NULL)"
        f" THEN CAST(NULL AS BOOLEAN) ELSE {'true' if every else 'false'} END",
        BOOLEAN,
    )


def _only_true_counts(node: exp.Expr) -> bool:
    """Say whether a condition stands in WHERE by itself, or negated."""
    above = node.parent
    while isinstance(above, exp.Not | exp.And | exp.Paren):
        above = above.parent
    return isinstance(above, exp.Where)


def exists(context: Context, node: exp.Expr) -> Value:
    """Translate EXISTS."""
    return Value(f"EXISTS({context.query(context, node.this).sql})", BOOLEAN)


def scalar_query(context: Context, node: exp.Expr) -> Value:
    """Translate a query that gives one value."""
    found = context.query(context, node)
    if len(found.fields) != 1:
        raise Refused(f"a subquery of {len(found.fields)} columns", "Expected one.", node)
    return Value(f"({found.sql})", found.fields[0].value.type, found.fields[0].value.zone)


SUBQUERIES: dict[type[exp.Expr], Rule] = {
    exp.In: membership, exp.Exists: exists, exp.Subquery: scalar_query, exp.Select: scalar_query,
}  # fmt: skip
