"""Dates and times: parts, differences, steps and truncation, whole units as Presto counts them."""

from __future__ import annotations

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.constructs import UNITS, Refused


def difference(node: exp.Expr) -> exp.Expr:
    """DATE_DIFF: whole units from the first to the second, towards zero."""
    _dates(node, node.this, node.expression)
    return _call("TIMESTAMPDIFF", exp.var(_unit(node)), node.expression, node.this)


def step(node: exp.Expr) -> exp.Expr:
    """DATE_ADD: so many units later; the end of a shorter month stays its end."""
    _dates(node, node.this)
    if not types.is_integer(node.expression):
        raise Refused("DATE_ADD of other than whole units", "Cast the number to BIGINT.")
    count = exp.cast(node.expression, "int")
    return _as_given(node.this, _call("TIMESTAMPADD", exp.var(_unit(node)), count, node.this))


def truncation(node: exp.Expr) -> exp.Expr:
    """DATE_TRUNC: the beginning of the unit; weeks begin on Monday."""
    _dates(node, node.this)
    return _as_given(node.this, _call("DATE_TRUNC", exp.Literal.string(_unit(node)), node.this))


def _dates(node: exp.Expr, *operands: exp.Expr) -> None:
    if not types.families(operands) <= {types.DATE, types.TIME} or not types.families(operands):
        raise Refused(f"{_name(node)} of other than dates and timestamps", "Cast to DATE or TIMESTAMP.")


def _unit(node: exp.Expr) -> str:
    unit = node.args.get("unit")
    name = unit.name.upper() if isinstance(unit, exp.Var | exp.Literal) else ""
    if isinstance(unit, exp.WeekStart):
        name = "WEEK"
    if name not in UNITS:
        raise Refused(f"{_name(node)} by this unit", f"Expected one of {', '.join(sorted(UNITS)).lower()}.")
    return name


def _name(node: exp.Expr) -> str:
    return node.sql_name() if isinstance(node, exp.Func) else node.key.upper()


def _as_given(operand: exp.Expr, found: exp.Expr) -> exp.Expr:
    """Give a date for a date; Spark gives a timestamp for both."""
    return exp.cast(found, "date") if types.family(operand) == types.DATE else found


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))
