"""Arithmetic and comparison: the types of results, and where Spark computes or compares another way."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.casts import coerced, local, rounded
from cdp_assets.audiences.context import Context
from cdp_assets.audiences.types import (
    BOOLEAN,
    COERCIBLE,
    DAY_TIME,
    MAX_PRECISION,
    VARCHAR,
    WITH_ZONE,
    YEAR_MONTH,
    Type,
    as_decimal,
    common,
    common_number,
    decimal,
    field_names,
    is_float,
    is_number,
    spark,
)
from cdp_assets.audiences.values import Refused, Value, filled, quoted

SIGNS: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
TRIED = {"+": "try_add({0}, {1})", "-": "try_subtract({0}, {1})", "*": "try_multiply({0}, {1})"}
COMPARED: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
KEPT_SCALE = 6
"""Up to here Spark keeps the scale of a decimal whose precision is cut."""
BY_ZERO = (
    "CASE WHEN {1} = 0D THEN {0} * CAST('Infinity' AS DOUBLE) * (CASE WHEN CAST({1} AS STRING) LIKE"
    " '-%' THEN -1D ELSE 1D END)"
    " ELSE {0} / {1} END"
)
"""By zero it is infinite, or not a number: Spark raises an error."""
NOT_ORDERED = {
    "=": "({0} = {1} AND NOT isnan({0}))",
    "<>": "({0} <> {1} OR isnan({0}))",
    "<": "({0} < {1} AND NOT isnan({1}))",
    "<=": "({0} <= {1} AND NOT isnan({1}))",
    ">": "({0} > {1} AND NOT isnan({0}))",
    ">=": "({0} >= {1} AND NOT isnan({0}))",
}
"""What is not a number equals nothing and is neither less nor more; Spark takes it for the largest number."""
NULLS_INSIDE = "exists({0}, v -> v IS NULL)"


def arithmetic(context: Context, node: exp.Expr) -> Value:
    """Translate `+ - * / %`."""
    left, right = context.value(node.this), context.value(node.expression)
    return computed(context, SIGNS[type(node)], left, right)


def computed(context: Context, sign: str, left: Value, right: Value) -> Value:
    """Compute with two values; raises Refused for types that Presto does not compute with."""
    if left.type.name == right.type.name == "unknown":
        return Value("CAST(NULL AS INT)", types.INTEGER)
    left, right = (_typed(one, other.type) for one, other in ((left, right), (right, left)))
    if is_number(left.type) and is_number(right.type):
        kind = common_number(left.type, right.type)
        if is_float(kind):
            return _floating(sign, coerced(left, kind), coerced(right, kind))
        return (
            _decimals(context, sign, left, right)
            if kind.name == "decimal"
            else _whole(context, sign, left, right, kind)
        )
    found = _moved(context, sign, left, right)
    if found is None:
        raise Refused(f"{left.type} {sign} {right.type}", "Expected numbers, or dates and timestamps with intervals.")
    return found


def _typed(value: Value, other: Type) -> Value:
    """Give NULL the type of what it is computed with."""
    return coerced(value, other) if value.type.name == "unknown" else value


def _whole(context: Context, sign: str, left: Value, right: Value, kind: Type) -> Value:
    """Compute with whole numbers: too large is an error in both, a quotient is cut."""
    one, other = coerced(left, kind).sql, coerced(right, kind).sql
    if sign in ("/", "%"):
        divided = f"CAST({{0}} DIV {{1}} AS {spark(kind)})" if sign == "/" else "({0} % {1})"
        return Value(context.filled(_unless_zero(context, divided), one, other), kind)
    if context.trying and context.guarded:
        context.fail("")
    return Value(filled(TRIED[sign] if context.trying else f"({{0}} {sign} {{1}})", [one, other]), kind)


def _unless_zero(context: Context, divided: str) -> str:
    """Spell a division; inside TRY by zero is NULL."""
    if not context.trying:
        return divided
    return f"CASE WHEN {{1}} = 0 THEN FAIL(Division by zero) ELSE {divided} END"


def _floating(sign: str, left: Value, right: Value) -> Value:
    if sign == "/":
        return Value(f"CAST({filled(BY_ZERO, [left.sql, right.sql])} AS {spark(left.type)})", left.type)
    if sign == "%":
        return Value(
            filled("CASE WHEN {1} = 0D THEN CAST('NaN' AS DOUBLE) ELSE {0} % {1} END", [left.sql, right.sql]), left.type
        )
    return Value(f"({left.sql} {sign} {right.sql})", left.type)


def _decimals(context: Context, sign: str, left: Value, right: Value) -> Value:
    """Compute with decimals: precision and scale are Presto's."""
    one, other = as_decimal(left.type), as_decimal(right.type)
    kind = result_type(sign, one, other)
    if sign == "/":
        return quotient(context, left, right, kind)
    if context.trying and context.guarded:
        context.fail("")
    operands = [_narrowed(left, one, other, sign), _narrowed(right, other, one, sign)]
    template = (
        _unless_zero(context, "({0} % {1})")
        if sign == "%"
        else TRIED[sign]
        if context.trying
        else f"({{0}} {sign} {{1}})"
    )
    return Value(f"CAST({context.filled(template, *operands)} AS {spark(kind)})", kind)


def _narrowed(value: Value, kind: Type, other: Type, sign: str) -> str:
    """Spell an operand so that Spark keeps the scale of the result: it cuts it where the precision is too large."""
    scale = kind.scale + other.scale if sign == "*" else max(kind.scale, other.scale)
    digits = kind.precision
    if scale > KEPT_SCALE:
        room = MAX_PRECISION - 1
        most = max(kind.scale + 1, room - other.precision if other.precision < room // 2 else room // 2)
        digits = min(digits, most if sign == "*" else room - (scale - kind.scale))
    return f"CAST({value.sql} AS {spark(decimal(digits, kind.scale))})"


def result_type(sign: str, one: Type, other: Type) -> Type:
    """Give the precision and scale of a result.

    >>> str(result_type("/", decimal(10, 2), decimal(10, 4)))
    'decimal(16, 4)'
    """
    scale = max(one.scale, other.scale)
    if sign == "*":
        if one.scale + other.scale > MAX_PRECISION:
            raise Refused(f"{one} * {other}", "Its scale is too large: cast to fewer digits.")
        return decimal(one.precision + other.precision, one.scale + other.scale)
    if sign == "/":
        return decimal(one.precision + other.scale + max(0, other.scale - one.scale), scale)
    if sign == "%":
        return decimal(min(one.precision - one.scale, other.precision - other.scale) + scale, scale)
    return decimal(max(one.precision - one.scale, other.precision - other.scale) + scale + 1, scale)


def quotient(context: Context, left: Value, right: Value, kind: Type, *, empty: bool = False) -> Value:
    """Divide decimals, rounded once, half up: Spark rounds at another scale first.

    With `empty`, by zero is NULL. It is computed in whole numbers, a and b without their points:
    (2·|a|·10^scale + |b|) DIV (2·|b|).
    """
    digits = max(as_decimal(left.type).scale, as_decimal(right.type).scale)
    one, other = (_unpointed(value, digits) for value in (left, right))
    doubled = f"CAST(2 * abs({{0}}) * {10**kind.scale} AS DECIMAL(38,0)) + abs({{1}})"
    sign = "CASE WHEN ({0} < 0) <> ({1} < 0) THEN -1 ELSE 1 END"
    unit = f"CAST({f'{10.0**-kind.scale:.{kind.scale}f}'!r} AS DECIMAL({kind.scale + 1},{kind.scale}))"
    rounded_ = f"CAST(({doubled}) DIV CAST(2 * abs({{1}}) AS DECIMAL(38,0)) AS DECIMAL(20,0))"
    divided = f"CAST({sign} * {rounded_} * {unit} AS {spark(kind)})"
    zero = f"CASE WHEN {{1}} <> 0 THEN {divided} END" if empty else _unless_zero(context, divided)
    return Value(context.filled(zero, one, other), kind)


def _unpointed(value: Value, digits: int) -> str:
    """Spell a number times 10^digits, as a whole number."""
    kind = as_decimal(value.type)
    if digits == 0:
        return f"CAST({value.sql} AS DECIMAL(38,0))"
    held = min(kind.precision, MAX_PRECISION - 1 - (digits + 1))
    inner = decimal(max(held, kind.scale), kind.scale)
    return f"CAST(CAST({value.sql} AS {spark(inner)}) * {10**digits} AS DECIMAL(38,0))"


def _moved(context: Context, sign: str, left: Value, right: Value) -> Value | None:
    """Move dates and timestamps by intervals, and compute with intervals."""
    if sign == "+" and right.type.name in (*COERCIBLE, "time"):
        left, right = right, left
    names = (left.type.name, right.type.name)
    if sign in ("+", "-") and names[1] in (DAY_TIME, YEAR_MONTH) and names[0] in (*COERCIBLE, "time"):
        return _stepped(context, sign, left, right)
    if sign == "-" and set(names) <= set(COERCIBLE):
        sql = f"(CAST({left.sql} AS TIMESTAMP) - CAST({right.sql} AS TIMESTAMP))"
        return Value(sql, Type(DAY_TIME))
    if sign in ("+", "-") and names[0] == names[1] and names[0] in (DAY_TIME, YEAR_MONTH):
        return Value(f"({left.sql} {sign} {right.sql})", left.type)
    if sign == "*" and names[1] in (DAY_TIME, YEAR_MONTH):
        left, right, names = right, left, (names[1], names[0])
    if sign in ("*", "/") and names[0] in (DAY_TIME, YEAR_MONTH) and is_number(right.type):
        return Value(f"({left.sql} {sign} {right.sql})", left.type)
    return None


WHOLE_DAYS = (
    "CASE WHEN unix_micros(TIMESTAMP '1970-01-01 00:00:00' + {1}) %% 86400000000 <> 0 THEN"
    " FAIL(Cannot add hour, minutes or seconds to a date) ELSE CAST({0} %s {1} AS DATE) END"
)


def _stepped(context: Context, sign: str, left: Value, right: Value) -> Value:
    """Move by an interval: whole days on the calendar for months, time that passes for days and less."""
    zoned = left.type.name == WITH_ZONE and right.type.name == YEAR_MONTH
    moved = f"({local(left) if zoned else left.sql} {sign} {right.sql})"
    if (
        left.type.name == "date"
        and right.type.name == DAY_TIME
        and not right.sql.endswith(f"' DAY AS {spark(right.type)})")
    ):
        return Value(context.filled(WHOLE_DAYS % sign, left.sql, right.sql), left.type)
    if left.type.name == "date":
        return Value(f"CAST({moved} AS DATE)", left.type)
    if left.type.name == "time":
        return Value(f"timestamp_micros(pmod(unix_micros({moved}), {24 * 3600 * 10**6}))", left.type)
    if zoned and left.zone:
        moved = f"to_utc_timestamp({moved}, {left.zone})"
    fraction = max(left.type.precision, types.DEFAULT_FRACTION if right.type.name == DAY_TIME else 0)
    return Value(
        rounded(moved, MAX_PRECISION), Type(left.type.name, numbers=(fraction,), zone=left.type.zone), left.zone
    )


def negated(context: Context, node: exp.Expr) -> Value:
    """Translate the minus before a value."""
    inner = node.this
    if isinstance(inner, exp.Literal) and not inner.is_string:
        found = context.value(inner)
        digits = None if found.literal is None else f"-{found.literal}"
        if found.literal == str(2**31):
            return Value(f"-{found.literal}", types.INTEGER, literal=digits)
        return Value(f"-{found.sql}" if found.is_plain else f"(- {found.sql})", found.type, literal=digits)
    found = context.value(inner)
    if not is_number(found.type) and found.type.name not in (DAY_TIME, YEAR_MONTH):
        raise Refused(f"- {found.type}", "Expected a number or an interval.")
    return Value(f"(- {found.sql})", found.type)


def comparison(context: Context, node: exp.Expr) -> Value:
    """Translate `= <> < <= > >=`."""
    return compared(context, COMPARED[type(node)], context.value(node.this), context.value(node.expression))


def compared(context: Context, sign: str, left: Value, right: Value) -> Value:
    """Compare two values; raises Refused for those that Presto does not compare."""
    kind = common(left.type, right.type)
    if kind is None or kind.name in ("json", "function") or (kind.name == "map" and sign not in ("=", "<>")):
        raise Refused(f"{left.type} {sign} {right.type}", "Presto compares values of one type: cast one side.")
    one, other = coerced(left, kind), coerced(right, kind)
    if kind.name == "map":
        return Value(_maps_equal(one.sql, other.sql, sign), BOOLEAN)
    if kind.parts:
        return Value(_nested(context, sign, one, other), BOOLEAN)
    return Value(plainly(sign, one, other), BOOLEAN)


def plainly(sign: str, one: Value, other: Value) -> str:
    """Spell a comparison of two values of one type without parts."""
    if one.type.name == "char":
        return f"(rtrim({one.sql}) {sign} rtrim({other.sql}))"
    if not is_float(one.type) or (one.literal is not None and other.literal is not None):
        return f"({one.sql} {sign} {other.sql})"
    template = NOT_ORDERED[sign]
    return filled(template, [one.sql, other.sql])


def _maps_equal(one: str, other: str, sign: str) -> str:
    entries = "array_sort(map_entries({%d}))"
    found = f"({entries % 0} = {entries % 1})"
    return filled(f"(NOT {found})" if sign == "<>" else found, [one, other])


def _nested(context: Context, sign: str, one: Value, other: Value) -> str:
    """Compare arrays and rows: equal parts are equal, a NULL inside makes it unknown."""
    if sign not in ("=", "<>"):
        return f"({one.sql} {sign} {other.sql})"
    if one.type.name == "row":
        parts = [
            compared(context, "=", Value(f"{{0}}.{quoted(name)}", part), Value(f"{{1}}.{quoted(name)}", part)).sql
            for name, part in zip(field_names(one.type), one.type.parts, strict=True)
        ]
        found = f"({' AND '.join(parts)})"
        return filled(f"(NOT {found})" if sign == "<>" else found, [one.sql, other.sql])
    unequal = "exists(zip_with({0}, {1}, (a, b) -> a IS NOT NULL AND b IS NOT NULL AND a <> b), v -> v)"
    template = (
        f"CASE WHEN {{0}} IS NULL OR {{1}} IS NULL THEN NULL WHEN size({{0}}) <> size({{1}}) OR {unequal} THEN false"
        f" WHEN {NULLS_INSIDE} OR {NULLS_INSIDE.replace('{0}', '{1}')} THEN NULL ELSE true END"
    )
    return filled(f"(NOT {template})" if sign == "<>" else template, [one.sql, other.sql])


def distinct_from(context: Context, node: exp.Expr) -> Value:
    """Translate IS [NOT] DISTINCT FROM."""
    left, right = context.value(node.this), context.value(node.expression)
    kind = common(left.type, right.type)
    if kind is None or kind.name in ("map", "json"):
        raise Refused(f"{left.type} IS DISTINCT FROM {right.type}", "Cast one side.")
    same = f"({coerced(left, kind).sql} <=> {coerced(right, kind).sql})"
    return Value(f"(NOT {same})" if isinstance(node, exp.NullSafeNEQ) else same, BOOLEAN)


def concatenated(context: Context, node: exp.Expr) -> Value:
    """Translate `||` of text, binaries or arrays."""
    left, right = context.value(node.this), context.value(node.expression)
    kinds = {left.type.name, right.type.name} - {"unknown"}
    if "array" in kinds:
        return _arrays_joined(left, right)
    if "char" in kinds:
        if not (left.type.numbers and right.type.numbers):
            raise Refused("char || varchar", "Cast both to VARCHAR.")
        size = left.type.numbers[0] + right.type.numbers[0]
        return Value(f"rpad(concat({left.sql}, {right.sql}), {size}, ' ')", Type("char", numbers=(size,)))
    if kinds <= {"varchar"} or kinds == {"varbinary"}:
        return Value(f"concat({left.sql}, {right.sql})", Type(kinds.pop()) if kinds else VARCHAR)
    raise Refused(f"{left.type} || {right.type}", "Cast both sides to VARCHAR.")


def _arrays_joined(left: Value, right: Value) -> Value:
    """Join two arrays, or an array and an element."""
    kind = common(left.type, right.type)
    if kind is not None:
        return Value(f"concat({coerced(left, kind).sql}, {coerced(right, kind).sql})", kind)
    arrays, elements = ((left, right), (right, left))[left.type.name != "array"]
    inner = common(arrays.type.element, elements.type)
    if inner is None:
        raise Refused(f"{left.type} || {right.type}", "Expected arrays of one type.")
    whole, one = coerced(arrays, types.array(inner)).sql, f"array({coerced(elements, inner).sql})"
    parts = (whole, one) if arrays is left else (one, whole)
    return Value(f"concat({', '.join(parts)})", types.array(inner))
