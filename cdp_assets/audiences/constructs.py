"""What each construct of Presto SQL becomes on Spark, or why it is refused.

A rule gives the node to put in the place of the one it is asked about, or raises Refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from sqlglot import exp

from cdp_assets.audiences import types

Rule = Callable[[exp.Expr], exp.Expr]
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d(\.\d{1,6})?)?)?")
_WHOLE = re.compile(r"-?\d+")
UNITS = frozenset(("SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"))


DECIMAL_LITERAL = "decimal_literal"
"""Marks a cast that only tells a literal's type."""


class Refused(Exception):  # noqa: N818 - becomes a QueryError with its place
    """A construct that is not translated, and what to write instead."""

    def __init__(self, construct: str, hint: str) -> None:
        self.construct, self.hint = construct, hint
        super().__init__(construct)


def same(node: exp.Expr) -> exp.Expr:
    """Leave a construct that means the same in both."""
    return node


def one_family(*names: str) -> Rule:
    """Make a rule that asks its operands to be of one family; Spark would convert where Presto refuses."""

    def rule(node: exp.Expr) -> exp.Expr:
        operands = [operand for name in names for operand in _listed(node.args.get(name))]
        found = types.families(operands)
        if len(found) > 1 or None in found:
            raise Refused(f"{_name(node)} of {_families(operands)}", "Cast the operands to one type.")
        return node

    return rule


def of_family(*wanted: str) -> Rule:
    """Make a rule that asks the first operand to be of one of some families."""

    def rule(node: exp.Expr) -> exp.Expr:
        if types.family(node.this) not in wanted or node.args.get("expressions"):
            raise Refused(f"{_name(node)} of {_families([node.this])}", f"Expected {' or '.join(wanted)}.")
        return node

    return rule


def arithmetic(node: exp.Expr) -> exp.Expr:
    """Add, subtract or multiply numbers; move dates and times by intervals."""
    operands = [node.this, node.expression]
    if types.families(operands) <= {types.NUMBER}:
        return node
    moved = {types.family(operand) for operand in operands if not isinstance(operand, exp.Interval)}
    has_interval = any(isinstance(operand, exp.Interval) for operand in operands)
    if isinstance(node, exp.Add | exp.Sub) and has_interval and moved <= {types.TIME}:
        return node
    raise Refused(f"{_name(node)} of {_families(operands)}", "Expected numbers, or a timestamp and an interval.")


def divide(node: exp.Expr) -> exp.Expr:
    """Whole numbers divide to whole numbers in Presto; a float may be divided by zero; a decimal keeps its scale."""
    left, right = node.this, node.expression
    if not types.families([left, right]) <= {types.NUMBER}:
        raise Refused(f"/ of {_families([left, right])}", "Expected numbers.")
    if types.is_float(left) or types.is_float(right):
        return _float_division(exp.cast(left, "double"), exp.cast(right, "double"))
    return exp.IntDiv(this=_wrapped(left), expression=_wrapped(right))


def _float_division(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Divide as IEEE 754 says, where Spark raises an error: by zero it is infinite, or not a number."""
    infinity = exp.cast(exp.Literal.string("Infinity"), "double")
    negative = exp.Like(this=exp.cast(right.copy(), "string"), expression=exp.Literal.string("-%"))
    sign = exp.If(this=negative, true=exp.Literal.number("-1E0"), false=exp.Literal.number("1E0"))
    by_zero = exp.Mul(this=exp.Mul(this=left.copy(), expression=infinity), expression=sign)
    is_zero = exp.EQ(this=right.copy(), expression=exp.Literal.number("0E0"))
    return exp.Case(ifs=[exp.If(this=is_zero, true=by_zero)], default=exp.Div(this=left, expression=right))


def remainder(node: exp.Expr) -> exp.Expr:
    """Give the remainder of exact numbers."""
    if all(types.is_integer(operand) for operand in (node.this, node.expression)):
        return node
    raise Refused("MOD of other than whole numbers", "Cast both sides to BIGINT.")


def like(node: exp.Expr) -> exp.Expr:
    """Presto's LIKE has no escape character unless one is named; Spark's has the backslash."""
    if not isinstance(node.expression, exp.Literal):
        raise Refused("LIKE with a pattern that is not a literal", "Write the pattern as text.")
    if "\\" in node.expression.name:
        raise Refused("LIKE with a backslash", "Write STRPOS, or a pattern without it.")
    return of_family(types.TEXT)(node)


def substring(node: exp.Expr) -> exp.Expr:
    """Allow a start that is a number from 1 on: below it the two count differently."""
    start = node.args.get("start")
    if isinstance(start, exp.Literal) and start.is_int and int(start.name) >= 1:
        return of_family(types.TEXT)(node)
    raise Refused("SUBSTR with a start below 1 or computed", "Write a number from 1 on.")


def extreme(node: exp.Expr) -> exp.Expr:
    """GREATEST and LEAST are NULL in Presto where any operand is; Spark skips it."""
    operands = [node.this, *node.expressions]
    found = types.families(operands)
    if len(found) > 1 or None in found:
        raise Refused(f"{_name(node)} of {_families(operands)}", "Cast the operands to one type.")
    missing = exp.or_(*(exp.Is(this=operand.copy(), expression=exp.null()) for operand in operands))
    plain = exp.Anonymous(this=_name(node), expressions=operands)
    return exp.Case(ifs=[exp.If(this=missing, true=exp.null())], default=plain)


def rounding(node: exp.Expr) -> exp.Expr:
    """Round exact numbers; floats are rounded by other means in the two."""
    if types.is_decimal(node.this) or types.is_integer(node.this):
        return node
    raise Refused(f"{_name(node)} of floating numbers", "Cast to a DECIMAL first.")


def dated(node: exp.Expr) -> exp.Expr:
    """Allow a part of a date or timestamp."""
    inner = node.this
    if isinstance(inner, exp.Cast) and not inner.args.get("safe") and types.family(inner) in (types.DATE, types.TIME):
        return node
    return of_family(types.DATE, types.TIME)(node)


def cast(node: exp.Expr) -> exp.Expr:
    """Allow the casts whose every value comes out alike."""
    if node.meta.get(DECIMAL_LITERAL):
        return exp.Literal.number(node.this.name)
    source, target = node.this, exp.DType(node.args["to"].this)
    if target in types.TEXTS and node.args["to"].expressions:
        raise Refused("CAST to VARCHAR(n)", "Write VARCHAR without a length, and SUBSTR where it must be cut.")
    if _is_plain_cast(source, target) or types.family(source) == types.NOTHING:
        return node
    if target in types.INTEGERS and (types.is_float(source) or types.is_decimal(source)):
        return exp.cast(exp.Round(this=source), node.args["to"])
    raise Refused(
        f"CAST({types.kind(source).value} AS {target.value})",
        "Cast numbers to numbers, whole numbers, decimals and dates to text, ISO text literals to dates.",
    )


def _is_plain_cast(source: exp.Expr, target: exp.DType) -> bool:
    if target in types.FLOATS:
        return types.family(source) == types.NUMBER
    if target in types.TEXTS:
        return types.is_integer(source) or types.is_decimal(source) or types.family(source) in (types.TEXT, types.DATE)
    if target in types.INTEGERS:
        return types.is_integer(source) or _is_literal(source, _WHOLE)
    if target is types.T.DECIMAL:
        return types.is_integer(source) or types.is_decimal(source)
    if target is types.T.DATE:
        return types.family(source) in (types.TIME, types.DATE) or _is_literal(source, _ISO_DATE)
    if target in types.TIMES:
        return types.family(source) in (types.TIME, types.DATE) or _is_literal(source, _ISO_TIME)
    return target is types.T.BOOLEAN and types.family(source) == types.BOOLEAN


def _is_literal(node: exp.Expr, form: re.Pattern[str]) -> bool:
    return isinstance(node, exp.Literal) and node.is_string and form.fullmatch(node.name) is not None


def conditional(node: exp.Expr) -> exp.Expr:
    """Spell IF as CASE, which may lack its ELSE; every branch must be of one family."""
    found = types.families([node.args["true"], *_listed(node.args.get("false"))])
    if len(found) > 1 or None in found or (types.family(node.this) == types.NOTHING):
        raise Refused("IF with branches of several types", "Cast the branches to one type.")
    if isinstance(node.parent, exp.Case):
        return node
    branch = exp.If(this=node.this, true=node.args["true"])
    return exp.Case(ifs=[branch], default=node.args.get("false"))


def choice(node: exp.Expr) -> exp.Expr:
    """Ask every branch of a CASE to be of one family, and what it compares to be of another one."""
    branches = node.args.get("ifs") or []
    found = types.families([*(branch.args["true"] for branch in branches), *_listed(node.args.get("default"))])
    compared = types.families([node.this, *(branch.this for branch in branches)]) if node.this else set()
    if len(found) > 1 or len(compared) > 1 or None in found | compared:
        raise Refused("CASE with branches of several types", "Cast the branches to one type.")
    return node


def combined(node: exp.Expr) -> exp.Expr:
    """Ask the columns of a UNION, INTERSECT or EXCEPT to be of one family each."""
    left, right = node.this.selects, node.expression.selects
    for one, other in zip(left, right, strict=False):
        found = types.families([one, other])
        if len(found) > 1 or None in found:
            raise Refused(f"{_name(node)} of columns of several types", "Cast them to one type.")
    return node


def window(node: exp.Expr) -> exp.Expr:
    """Allow the window functions that both have; windows with a name are told apart differently."""
    if isinstance(node.this, exp.Filter):
        raise Refused("FILTER with OVER", "Write SUM(CASE WHEN … END) OVER (…).")
    if node.this.find(exp.Distinct):
        raise Refused("DISTINCT with OVER", "Count distinct values in a subquery first.")
    if node.args.get("alias") is not None:
        raise Refused("a window with a name", "Write the window out after OVER.")
    return node


def grouping(node: exp.Expr) -> exp.Expr:
    """Allow GROUPING of one column; of several the two number the bits by other functions."""
    if len(node.expressions) == 1:
        return node
    raise Refused("GROUPING of several columns", "Write one GROUPING per column.")


def membership(node: exp.Expr) -> exp.Expr:
    """Allow IN with values anywhere, and with a subquery where only true counts."""
    if node.args.get("query") is None:
        return one_family("this", "expressions")(node)
    above = node.parent
    while isinstance(above, exp.Not | exp.And | exp.Paren):
        above = above.parent
    if not isinstance(above, exp.Where):
        raise Refused("IN with a subquery outside WHERE", "Write a LEFT JOIN.")
    found = types.families([node.this, *node.args["query"].unnest().selects])
    if len(found) > 1 or None in found:
        raise Refused("IN with a subquery of another type", "Cast to one type.")
    return node


def position(node: exp.Expr) -> exp.Expr:
    """Allow the first occurrence."""
    if node.args.get("occurrence") is not None:
        raise Refused("STRPOS with an instance", "Write STRPOS(text, part).")
    return one_family("this", "substr")(node)


def join(node: exp.Expr) -> exp.Expr:
    """Allow joins with a condition, and cross joins."""
    if node.args.get("method"):
        raise Refused(f"{node.args['method']} JOIN", "Write JOIN … ON.")
    return node


def unit(node: exp.Expr) -> exp.Expr:
    """Allow intervals of the usual units."""
    if node.args.get("unit") is not None and node.args["unit"].name.upper().removesuffix("S") in UNITS:
        return node
    raise Refused("INTERVAL of this kind", "Write INTERVAL '1' DAY, MONTH, YEAR, HOUR, MINUTE or SECOND.")


def _wrapped(node: exp.Expr) -> exp.Expr:
    return exp.paren(node) if isinstance(node, exp.Binary) else node


def _listed(value: object) -> list[exp.Expr]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, exp.Expr)]


def _name(node: exp.Expr) -> str:
    return node.sql_name() if isinstance(node, exp.Func) else node.key.upper()


def _families(nodes: list[exp.Expr]) -> str:
    return " and ".join(types.family(node) or types.kind(node).value.lower() for node in nodes)
