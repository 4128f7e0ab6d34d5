"""Columns, conditions and the other constructs that are not functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp

from cdp_assets.audiences import literals, types
from cdp_assets.audiences.casts import cast, coerced, zone_name
from cdp_assets.audiences.context import Context, Field, Scope
from cdp_assets.audiences.dialect import TYPED
from cdp_assets.audiences.operators import compared
from cdp_assets.audiences.types import (
    BOOLEAN,
    UNKNOWN,
    WITH_ZONE,
    Type,
    array,
    common,
    field_names,
    parse,
)
from cdp_assets.audiences.values import Refused, Value, filled, quoted, text


def paren(context: Context, node: exp.Expr) -> Value:
    """Translate brackets: every operator brings its own."""
    return context.value(node.this)


def found_column(context: Context, qualifier: str | None, name: str) -> Field | None:
    """Give the column of the nearest SELECT that has one of this name; raises Refused where two have."""
    scope: Scope | None = context.scope
    while scope is not None:
        fits = [
            one for one in scope.fields
            if (one.name or "").lower() == name and (qualifier is None or (one.qualifier or "").lower() == qualifier)
            and not (qualifier and one.hidden)
        ]  # fmt: skip
        if len(fits) > 1:
            raise Refused(f"column {name}", f"Several tables have it: write {fits[0].qualifier or 'table'}.{name}.")
        if fits:
            return fits[0] if scope.grouped is None or scope is context.scope else _grouped(context, scope, fits[0])
        scope = scope.outer
    return None


def _grouped(context: Context, scope: Scope, found: Field) -> Field:
    """Give a column of a SELECT around that groups as it is after grouping."""
    with context.within(scope):
        return replace(found, value=context.value(exp.column(found.name or "", table=found.qualifier)))


def column(context: Context, node: exp.Expr) -> Value:
    """Translate a column, or a field of a column that is a row."""
    parts = [part.name.lower() for part in node.parts]  # type: ignore[attr-defined]
    for length in (1, 2):
        if len(parts) < length:
            continue
        qualifier, name, rest = (None, parts[0], parts[1:]) if length == 1 else (parts[0], parts[1], parts[2:])
        if length == 1 and name in context.parameters:
            return _inner(context.parameters[name], rest)
        if length == 1 and rest and _is_qualifier(context, name):
            continue
        found = found_column(context, qualifier, name)
        if found is not None:
            return _inner(found.value, rest)
    raise Refused(f"column {'.'.join(parts)}", _known_columns(context), node)


def _is_qualifier(context: Context, name: str) -> bool:
    scope: Scope | None = context.scope
    while scope is not None:
        if any((one.qualifier or "").lower() == name for one in scope.fields):
            return True
        scope = scope.outer
    return False


def _known_columns(context: Context) -> str:
    known = sorted({one.name for one in context.scope.fields if one.name})
    return f"It does not exist here. Expected one of {', '.join(known) or 'none'}."


def _inner(value: Value, rest: Sequence[str]) -> Value:
    for name in rest:
        value = field_of(value, name)
    return value


def field_of(value: Value, name: str) -> Value:
    """Give a field of a row."""
    names = [(one or "").lower() for one in value.type.fields]
    if value.type.name != "row" or names.count(name) != 1:
        raise Refused(f"field {name} of {value.type}", f"Expected one of {', '.join(filter(None, names)) or 'none'}.")
    at = names.index(name)
    return Value(f"{value.sql}.{quoted(field_names(value.type)[at])}", value.type.parts[at])


def dot(context: Context, node: exp.Expr) -> Value:
    """Translate `row.field`."""
    return field_of(context.value(node.this), node.expression.name.lower())


def identifier(context: Context, node: exp.Expr) -> Value:
    """Translate the parameter of a lambda."""
    name = node.name.lower()
    if name not in context.parameters:
        raise Refused(f"column {name}", "It does not exist here.", node)
    return context.parameters[name]


def both(context: Context, node: exp.Expr) -> Value:
    """Translate AND and OR."""
    with context.guard(node.key.upper()):
        left, right = (_condition(context, one) for one in (node.this, node.expression))
    return Value(f"({left} {node.key.upper()} {right})", BOOLEAN)


def _condition(context: Context, node: exp.Expr) -> str:
    return condition(context.value(node), node)


def condition(value: Value, node: exp.Expr | None = None) -> str:
    """Spell a condition; raises Refused for what is none."""
    if value.type not in (BOOLEAN, UNKNOWN):
        raise Refused(f"{value.type} as a condition", "Expected a comparison, or another boolean.", node)
    return value.sql if value.type == BOOLEAN else "CAST(NULL AS BOOLEAN)"


def negation(context: Context, node: exp.Expr) -> Value:
    """Translate NOT."""
    return Value(f"(NOT {_condition(context, node.this)})", BOOLEAN)


def is_(context: Context, node: exp.Expr) -> Value:
    """Translate IS NULL."""
    if not isinstance(node.expression, exp.Null):
        raise Refused("IS with other than NULL", "Write a comparison, or IS NOT DISTINCT FROM.", node)
    with context.guard("IS NULL"):
        return Value(f"({context.value(node.this).sql} IS NULL)", BOOLEAN)


def between(context: Context, node: exp.Expr) -> Value:
    """Translate BETWEEN: two comparisons."""
    value, low, high = (context.value(node.args[name]) for name in ("this", "low", "high"))
    return Value(f"({compared(context, '>=', value, low).sql} AND {compared(context, '<=', value, high).sql})", BOOLEAN)


def one_type(values: Sequence[Value], what: str) -> Type:
    """Give the type that all values become; raises Refused for none."""
    kind = UNKNOWN
    for one in values:
        both_ = common(kind, one.type)
        if both_ is None:
            raise Refused(f"{what} of {kind} and {one.type}", "Cast the operands to one type.")
        kind = both_
    return kind


def case(context: Context, node: exp.Expr) -> Value:
    """Translate CASE, with a value or without."""
    branches = node.args["ifs"]
    if node.this is not None:
        subject = context.value(node.this)
        with context.guard("CASE"):
            tests = [compared(context, "=", subject, context.value(one.this)).sql for one in branches]
    else:
        with context.guard("CASE"):
            tests = [_condition(context, one.this) for one in branches]
    default = node.args.get("default")
    results = [context.value(one.args["true"]) for one in branches]
    return _chosen(tests, results, context.value(default) if default is not None else None, "CASE")


def if_(context: Context, node: exp.Expr) -> Value:
    """Translate IF."""
    with context.guard("IF"):
        test = _condition(context, node.this)
    otherwise = node.args.get("false")
    return _chosen([test], [context.value(node.args["true"])], context.value(otherwise) if otherwise else None, "IF")


def _chosen(tests: Sequence[str], results: Sequence[Value], default: Value | None, what: str) -> Value:
    every = [*results, *([default] if default else [])]
    kind = one_type(every, f"{what} with branches")
    given = [coerced(one, kind) for one in every]
    branches = " ".join(f"WHEN {test} THEN {one.sql}" for test, one in zip(tests, given, strict=False))
    last = f" ELSE {given[-1].sql}" if default else ""
    zones = {one.zone for one in given}
    return Value(f"CASE {branches}{last} END", kind, zones.pop() if len(zones) == 1 else None)


def coalesce(context: Context, node: exp.Expr) -> Value:
    """Translate COALESCE."""
    with context.guard("COALESCE"):
        values = [context.value(one) for one in node.expressions]
    kind = one_type(values, "COALESCE")
    zones = {coerced(one, kind).zone for one in values if one.type != UNKNOWN}
    sql = f"coalesce({', '.join(coerced(one, kind).sql for one in values)})"
    return Value(sql, kind, zones.pop() if len(zones) == 1 else None)


def nullif(context: Context, node: exp.Expr) -> Value:
    """Translate NULLIF: the type is that of the first operand."""
    if len(node.expressions) != 2:
        raise Refused("NULLIF", "Expected two operands.", node)
    with context.guard("NULLIF"):
        first, second = map(context.value, node.expressions)
    test = compared(context, "=", Value("{0}", first.type), Value("{1}", second.type)).sql
    return Value(filled(f"CASE WHEN {test} THEN NULL ELSE {{0}} END", [first.sql, second.sql]), first.type, first.zone)


def try_(context: Context, node: exp.Expr) -> Value:
    """Translate TRY: every part that would fail gives NULL, and passes it on."""
    with context.tried():
        return context.value(node.expressions[0])


def grouping_of_none(context: Context, node: exp.Expr) -> Value:
    """Refuse GROUPING where nothing is grouped."""
    raise Refused("GROUPING without GROUP BY", "Group first.", node)


def cast_(context: Context, node: exp.Expr) -> Value:
    """Translate CAST, TRY_CAST, and literals with a type before them."""
    target = parse(node.args["to"].sql(dialect="trino"))
    if isinstance(node.this, exp.Literal) and node.this.is_string and node.meta.get(TYPED):
        return literals.typed_literal(context, str(node.this.this), target)
    safe = isinstance(node, exp.TryCast)
    value = context.value(node.this)
    if not safe:
        return cast(context, value, target)
    with context.tried():
        return cast(context, value, target)


def like(context: Context, node: exp.Expr) -> Value:
    """Translate LIKE: no character escapes unless one is named, and Spark's backslash would."""
    escape = None
    if isinstance(node, exp.Escape):
        escape, node = node.expression.name, node.this
    no = "NOT " if node.args.get("negate") else ""
    value, pattern = context.value(node.this), context.value(node.expression)
    if any(not types.is_text(one.type) and one.type != UNKNOWN for one in (value, pattern)):
        raise Refused(f"{value.type} LIKE {pattern.type}", "Expected text.", node)
    if escape is None:
        written = text(pattern.literal.replace("\\", "\\\\")) if pattern.literal is not None else None
        sql = written or f"replace({pattern.sql}, '\\\\', '\\\\\\\\')"
        return Value(f"({no}{value.sql} LIKE {sql})", BOOLEAN)
    if pattern.literal is None or len(escape) != 1:
        raise Refused("LIKE … ESCAPE with a pattern that is not a literal", "Write both as text.", node)
    return Value(f"({no}{value.sql} LIKE {text(_escaped(context, pattern.literal, escape))})", BOOLEAN)


def _escaped(context: Context, pattern: str, escape: str) -> str:
    """Spell a pattern with the backslash for escape character."""
    found, letters = [], iter(pattern)
    for letter in letters:
        if letter == escape:
            following = next(letters, "")
            if not following or following not in ("%", "_", escape):
                raise Refused(f"the pattern {pattern!r}", "After the escape character comes %, _ or itself.")
            found.append(f"\\{following}" if following in ("%", "_", "\\") else following)
        else:
            found.append("\\\\" if letter == "\\" else letter)
    return "".join(found)


def array_(context: Context, node: exp.Expr) -> Value:
    """Translate ARRAY[…]."""
    with context.guard("ARRAY"):
        values = [context.value(one) for one in node.expressions]
    kind = one_type(values, "ARRAY")
    zones = {coerced(one, kind).zone for one in values}
    if kind.name == WITH_ZONE and len(zones) == 1 and (zone := zones.pop()) and zone.startswith("'"):
        kind = Type(kind.name, numbers=kind.numbers, zone=zone.strip("'"))
    return Value(f"array({', '.join(coerced(one, kind).sql for one in values)})", array(kind))


def row_(context: Context, node: exp.Expr) -> Value:
    """Translate ROW(…) and (…, …)."""
    with context.guard("ROW"):
        values = [context.value(one) for one in node.expressions]
    kind = types.row(*(one.type for one in values))
    fields = ", ".join(f"{text(name)}, {one.sql}" for name, one in zip(field_names(kind), values, strict=True))
    return Value(f"named_struct({fields})", kind)


def subscript(context: Context, node: exp.Expr) -> Value:
    """Translate `array[1]`, `map['key']` and `row[1]`: what is absent is an error."""
    value, at = context.value(node.this), context.value(node.expressions[0])
    if value.type.name == "map":
        key, kind = value.type.parts
        sql = coerced(at, key).sql if common(at.type, key) == key else _mismatch(value, at)
        template = (
            "CASE WHEN {0} IS NULL OR map_contains_key({0}, {1}) THEN element_at({0}, {1}) ELSE FAIL(Key"
            " not present in map) END"
        )
        return Value(context.filled(template, value.sql, sql), kind)
    if value.type.name == "row" and at.literal is not None and 1 <= int(at.literal) <= len(value.type.parts):
        place = int(at.literal) - 1
        return Value(f"{value.sql}.{quoted(field_names(value.type)[place])}", value.type.parts[place])
    if value.type.name != "array" or not types.is_whole(at.type):
        _mismatch(value, at)
    template = (
        "CASE WHEN {1} BETWEEN 1 AND size({0}) THEN element_at({0}, CAST({1} AS INT))"
        " WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN FAIL(Array subscript out of bounds) END"
    )
    return Value(context.filled(template, value.sql, at.sql), value.type.element)


def _mismatch(value: Value, at: Value) -> str:
    raise Refused(f"{value.type}[{at.type}]", "Expected an array and a whole number, or a map and its key.")


def at_time_zone(context: Context, node: exp.Expr) -> Value:
    """Translate AT TIME ZONE: the same moment, told in another zone."""
    zone = node.args["zone"]
    if not isinstance(zone, exp.Literal) or not zone.is_string:
        raise Refused("AT TIME ZONE with a zone that is not a literal", "Write the zone as text.", node)
    return in_zone(context.value(node.this), zone_name(str(zone.this)))


def in_zone(value: Value, zone: str) -> Value:
    """Tell a timestamp in a zone."""
    if value.type.name not in ("timestamp", WITH_ZONE):
        raise Refused(f"{value.type} AT TIME ZONE", "Expected a timestamp.")
    return Value(value.sql, Type(WITH_ZONE, numbers=value.type.numbers, zone=zone), text(zone))


EXPRESSIONS: dict[type[exp.Expr], Callable[[Context, exp.Expr], Value]] = {

    exp.Paren: paren, exp.Column: column, exp.Dot: dot, exp.Identifier: identifier, exp.And: both, exp.Or: both,
    exp.Not: negation, exp.Is: is_, exp.Between: between, exp.Case: case, exp.If: if_, exp.Cast: cast_,
    exp.TryCast: cast_, exp.Like: like, exp.Escape: like,
    exp.Array: array_, exp.Tuple: row_, exp.Bracket: subscript,
    exp.AtTimeZone: at_time_zone,
}  # fmt: skip
FORMS: dict[str, Callable[[Context, exp.Expr], Value]] = {
    "coalesce": coalesce, "nullif": nullif, "try": try_, "row": row_, "grouping": grouping_of_none,
}  # fmt: skip
"""Functions whose operands are not taken one by one."""
