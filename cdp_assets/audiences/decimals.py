"""Quotients of exact decimals, rounded half up at the scale that Presto gives them.

Spark computes with another scale; rounding its result again could be off by one in the last digit. So the quotient
is computed in whole numbers: (2·|a|·10^scale + |b|) DIV (2·|b|).
"""

from __future__ import annotations

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.constructs import Refused

LARGEST_SCALE = 6
"""Up to here Spark keeps the scale of a product of decimals."""


def scale_of(node: exp.Expr) -> int:
    """Give the digits after a decimal's point; 0 for whole numbers. Raises Refused where it is not known."""
    if types.is_integer(node):
        return 0
    sizes = [size.name for size in node.type.expressions] if node.type is not None else []
    if not types.is_decimal(node) or len(sizes) != len(("precision", "scale")) or int(sizes[1]) > LARGEST_SCALE:
        raise Refused("a decimal of this scale", f"Cast to DECIMAL(38, {LARGEST_SCALE}) or less, or to DOUBLE.")
    return int(sizes[1])


def quotient(left: exp.Expr, right: exp.Expr, scale: int) -> exp.Expr:
    """Give left / right, rounded half up to `scale` digits; by zero is an error."""
    one, other = _exact(left, scale_of(left)), _exact(right, scale_of(right))
    doubled = exp.Mul(this=_absolute(one), expression=_exact(exp.Literal.number(2 * 10**scale), 0))
    dividend = exp.paren(exp.Add(this=doubled, expression=_absolute(other)))
    divisor = exp.paren(exp.Mul(this=_exact(exp.Literal.number(2), 0), expression=_absolute(other)))
    rounded = exp.cast(exp.paren(exp.IntDiv(this=dividend, expression=divisor)), "DECIMAL(38, 0)")
    negative = exp.NEQ(this=exp.paren(_is_negative(one)), expression=exp.paren(_is_negative(other)))
    sign = exp.Case(ifs=[exp.If(this=negative, true=exp.Literal.number(-1))], default=exp.Literal.number(1))
    unit = exp.cast(exp.Literal.string(f"{10**-scale:.{scale}f}"), f"DECIMAL({scale + 1}, {scale})")
    signed = exp.Mul(this=exp.paren(sign), expression=rounded)
    return exp.cast(exp.paren(exp.Mul(this=exp.paren(signed), expression=unit)), f"DECIMAL(38, {scale})")


def divided(node: exp.Expr) -> exp.Expr:
    """Divide where one side is a decimal; the result has the larger scale of the two."""
    return quotient(node.this, node.expression, max(scale_of(node.this), scale_of(node.expression)))


def averaged(node: exp.Expr) -> exp.Expr:
    """Average decimals; the result has their scale."""
    if isinstance(node.parent, exp.Window | exp.Filter) or isinstance(node.this, exp.Distinct):
        raise Refused("AVG of decimals with OVER, FILTER or DISTINCT", "Write AVG(CAST(… AS DOUBLE)).")
    scale = scale_of(node.this)
    total, count = exp.Sum(this=node.this.copy()), exp.Count(this=node.this.copy())
    total.type, count.type = exp.DataType.build(f"DECIMAL(38, {scale})"), exp.DataType.build("BIGINT")
    return quotient(total, count, scale)


def _exact(node: exp.Expr, scale: int) -> exp.Expr:
    return exp.cast(node.copy(), f"DECIMAL(38, {scale})")


def _absolute(node: exp.Expr) -> exp.Expr:
    return exp.Abs(this=node.copy())


def _is_negative(node: exp.Expr) -> exp.Expr:
    return exp.LT(this=node.copy(), expression=exp.Literal.number(0))
