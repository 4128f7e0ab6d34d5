"""Functions of numbers."""

from __future__ import annotations

from collections.abc import Callable

from cdp_assets.audiences.casts import coerced
from cdp_assets.audiences.expressions import one_type
from cdp_assets.audiences.operators import computed
from cdp_assets.audiences.signatures import Call, Functions
from cdp_assets.audiences.types import DOUBLE, decimal, is_float, is_whole, spark
from cdp_assets.audiences.values import Refused, Value, filled

LOGARITHM = (
    "CASE WHEN {0} > 0 THEN %s({0}) WHEN {0} = 0 THEN CAST('-Infinity' AS DOUBLE) WHEN {0} IS NOT"
    " NULL THEN CAST('NaN' AS DOUBLE) END"
)
"""Spark's own are NULL where Presto's are not finite."""
LOG = f"({(LOGARITHM % 'ln').replace('{0}', '{1}')} / {LOGARITHM % 'ln'})"
ROUND_DOUBLE = (
    "CASE WHEN isnan({0}) OR abs({0}) * {1} >= 9.2E18D THEN {0} ELSE sign({0}) * (ROUND(abs({0}) * {1}) / {1}) END"
)
BUCKET = (
    "CASE WHEN {3} <= 0 THEN FAIL(bucketCount must be greater than 0) WHEN {1} = {2} THEN"
    " FAIL(bounds cannot equal each other)"
    " ELSE CAST(width_bucket({0}, {1}, {2}, {3}) AS BIGINT) END"
)
BINS = (
    "CASE WHEN size({1}) = 0 THEN FAIL(Bins cannot be an empty array) ELSE CAST(size(filter({1}, b"
    " -> b <= {0})) AS BIGINT) END"
)
FROM_BASE = (
    "CASE WHEN {0} IS NOT NULL AND NOT upper({0}) RLIKE '^[+-]?[0-9A-Z]+$' THEN FAIL(Not a valid"
    " number) ELSE CAST(conv({0}, CAST({1} AS INT), -10) AS BIGINT) END"
)


def _same_type(template: str) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        value = call.arguments[0]
        return Value(call.context.filled(template, value.sql), value.type)

    return rule


def _rounded(call: Call) -> Value:
    """Round half away from zero; a decimal keeps its scale where digits are given."""
    value = call.arguments[0]
    digits = call.arguments[1] if len(call.arguments) > 1 else None
    if is_float(value.type):
        factor = f"power(10D, {digits.sql})" if digits else "1D"
        inner = f"CAST({value.sql} AS DOUBLE)" if value.type.name == "real" else value.sql
        return Value(f"CAST({filled(ROUND_DOUBLE, [inner, factor])} AS {spark(value.type)})", value.type)
    if value.type.name != "decimal":
        sql = f"CAST(ROUND({value.sql}, {digits.sql}) AS {spark(value.type)})" if digits else value.sql
        return Value(sql, value.type)
    precision, scale = value.type.precision, value.type.scale
    if digits is None:
        kind = decimal(precision - scale + min(1, scale), 0)
        return Value(f"CAST(ROUND({value.sql}) AS {spark(kind)})", kind)
    if digits.literal is None:
        raise Refused("ROUND of a decimal to digits that are not a literal", "Write the number.")
    kind = decimal(precision + 1, scale)
    return Value(f"CAST(ROUND({value.sql}, {digits.literal}) AS {spark(kind)})", kind)


def _whole(call: Call) -> Value:
    """CEIL and FLOOR: of floating numbers floating, of decimals without digits after the point."""
    value, name = call.arguments[0], "floor" if call.name == "floor" else "ceil"
    if is_whole(value.type):
        return value
    if is_float(value.type):
        template = (
            f"CASE WHEN isnan({{0}}) OR abs({{0}}) >= 9.0E15D THEN {{0}} ELSE CAST({name}({{0}}) AS"
            f" {spark(value.type)}) END"
        )
        return Value(filled(template, [value.sql]), value.type)
    kind = decimal(value.type.precision - value.type.scale + min(1, value.type.scale), 0)
    return Value(f"CAST({name}({value.sql}) AS {spark(kind)})", kind)


def _truncated(call: Call) -> Value:
    """Cut digits off, towards zero."""
    value = call.arguments[0]
    if is_float(value.type) and len(call.arguments) == 1:
        template = (
            f"CASE WHEN isnan({{0}}) OR abs({{0}}) >= 9.0E15D THEN {{0}} ELSE CAST(sign({{0}}) *"
            f" floor(abs({{0}})) AS {spark(value.type)}) END"
        )
        return Value(filled(template, [value.sql]), value.type)
    if is_whole(value.type) and len(call.arguments) == 1:
        return value
    if value.type.name != "decimal":
        raise Refused(f"TRUNCATE({value.type}, digits)", "Cast to a DECIMAL first.")
    digits = call.literal(1, "digits") if len(call.arguments) > 1 else "0"
    scale = value.type.scale
    kind = (
        value.type
        if len(call.arguments) > 1
        else decimal(value.type.precision - scale, 0)
        if value.type.precision > scale
        else decimal(1, 0)
    )
    sql = f"sign({value.sql}) * floor(abs({value.sql}), {digits})" if int(digits) < scale else value.sql
    if int(digits) < scale:
        sql = filled(f"CASE WHEN {{0}} < 0 THEN ceil({{0}}, {digits}) ELSE floor({{0}}, {digits}) END", [value.sql])
    return Value(f"CAST({sql} AS {spark(kind)})", kind)


def _sign(call: Call) -> Value:
    """Give -1, 0 or 1, in the type of the number."""
    value = call.arguments[0]
    kind = decimal(1, 0) if value.type.name == "decimal" else value.type
    return Value(f"CAST(sign({value.sql}) AS {spark(kind)})", kind)


def _power(call: Call) -> Value:
    return call.filled("power({0}, {1})")


def _mod(call: Call) -> Value:
    return computed(call.context, "%", *call.arguments)


def _extreme(call: Call) -> Value:
    """GREATEST and LEAST: NULL where an operand is; what is not a number is neither the most nor the least."""
    kind = one_type(call.arguments, call.name.upper())
    given = [coerced(one, kind).sql for one in call.arguments]
    missing = " OR ".join(f"{{{at}}} IS NULL" for at in range(len(given)))
    listed = ", ".join(f"{{{at}}}" for at in range(len(given)))
    best = f"{call.name}({listed})"
    if is_float(kind) and call.name == "greatest":
        numbers = ", ".join(f"CASE WHEN NOT isnan({{{at}}}) THEN {{{at}}} END" for at in range(len(given)))
        best = f"coalesce(greatest({numbers}), {{0}})" if len(given) > 1 else "{0}"
    return Value(filled(f"CASE WHEN {missing} THEN NULL ELSE {best} END", given), kind, call.arguments[0].zone)


def _random(call: Call) -> Value:
    """Give a random number; of whole numbers one below the bound."""
    if not call.arguments:
        return Value("rand()", DOUBLE)
    value = call.arguments[-1]
    low = call.arguments[0].sql if len(call.arguments) > 1 else "0"
    return Value(f"CAST({low} + floor(rand() * ({value.sql} - {low})) AS {spark(value.type)})", value.type)


def _base(call: Call) -> Value:
    return call.filled("lower(conv(CAST({0} AS STRING), 10, -CAST({1} AS INT)))")


DOUBLES = (
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "cbrt", "degrees", "radians", "sqrt",
)  # fmt: skip
BITS = {"bitwise_and": "&", "bitwise_or": "|", "bitwise_xor": "^"}
NUMBERS: Functions = {
    "abs(n) -> n": _same_type("abs({0})"),
    "round(n) -> n": _rounded,
    "round(n, integer) -> n": _rounded,
    "ceil(n) -> n": _whole,
    "ceiling(n) -> n": _whole,
    "floor(n) -> n": _whole,
    "truncate(n) -> n": _truncated,
    "truncate(n, integer) -> n": _truncated,
    "sign(n) -> n": _sign,
    "mod(n, n) -> n": _mod,
    "power(double, double) -> double": _power,
    "pow(double, double) -> double": _power,
    "ln(double) -> double": LOGARITHM % "ln",
    "log2(double) -> double": LOGARITHM % "log2",
    "log10(double) -> double": LOGARITHM % "log10",
    "log(double, double) -> double": LOG,
    **{f"{name}(double) -> double": f"{name}({{0}})" for name in DOUBLES},
    "atan2(double, double) -> double": "atan2({0}, {1})",
    "pi() -> double": "pi()",
    "e() -> double": "e()",
    "nan() -> double": "CAST('NaN' AS DOUBLE)",
    "infinity() -> double": "CAST('Infinity' AS DOUBLE)",
    "is_nan(double) -> boolean": "CASE WHEN {0} IS NOT NULL THEN isnan({0}) END",
    "is_finite(double) -> boolean":
        "CASE WHEN {0} IS NOT NULL THEN NOT isnan({0}) AND abs({0}) < CAST('Infinity' AS DOUBLE) END",
    "is_infinite(double) -> boolean": "(abs({0}) = CAST('Infinity' AS DOUBLE))",
    "width_bucket(double, double, double, bigint) -> bigint": BUCKET,
    "width_bucket(double, array(double)) -> bigint": BINS,
    "greatest(t...) -> t": _extreme,
    "least(t...) -> t": _extreme,
    "random() -> double": _random,
    "rand() -> double": _random,
    "random(n) -> n": _random,
    "rand(n) -> n": _random,
    "random(n, n) -> n": _random,
    "rand(n, n) -> n": _random,
    "uuid() -> uuid": "uuid()",
    "from_base(varchar, bigint) -> bigint": FROM_BASE,
    "to_base(bigint, bigint) -> varchar": _base,
    **{f"{name}(bigint, bigint) -> bigint": f"({{0}} {sign} {{1}})" for name, sign in BITS.items()},
    "bitwise_not(bigint) -> bigint": "(~ {0})",
    "bitwise_left_shift(bigint, bigint) -> bigint":
        "CASE WHEN {1} >= 64 THEN 0L ELSE shiftleft({0}, CAST({1} AS INT)) END",
    "bitwise_right_shift(bigint, bigint) -> bigint":
        "CASE WHEN {1} >= 64 THEN 0L ELSE shiftrightunsigned({0}, CAST({1} AS INT)) END",
    "bitwise_right_shift_arithmetic(bigint, bigint) -> bigint":
        "CASE WHEN {1} >= 64 THEN CASE WHEN {0} < 0 THEN -1L ELSE 0L END ELSE shiftright({0}, CAST({1} AS INT)) END",
    "bit_count(bigint, bigint) -> bigint":
        "CAST(bit_count({0} & (CASE WHEN {1} >= 64 THEN -1L ELSE shiftleft(1L, CAST({1} AS INT)) - 1"
        " END)) AS BIGINT)",
    "cosine_similarity(array(double), array(double)) -> double":
        "(aggregate(zip_with({0}, {1}, (a, b) -> a * b), 0D, (s, x) -> s + x)"
        " / (sqrt(aggregate({0}, 0D, (s, x) -> s + x * x)) * sqrt(aggregate({1}, 0D, (s, x) -> s + x * x))))",
}  # fmt: skip
