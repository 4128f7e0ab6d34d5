"""What each operator of a segment's rule means, as an expression over one row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal

from sqlglot import exp

from cdp_assets.config.moments import Moment, Relative, moment_of
from cdp_assets.config.segment import Operator, Rule

BUSINESS_DATE = "business_date"
AMOUNT_SCALE = 2
Days = Callable[[Relative], exp.Expr]
"""How a day that is relative to the business date is spelled."""
Values = list[exp.Expr]
NEGATED: Mapping[Operator, Operator] = {
    "is_not": "is",
    "is_not_between": "is_between",
    "is_not_in_list": "is_in_list",
    "is_not_exactly": "is_exactly",
    "is_not_like": "is_like",
    "does_not_contain": "contains",
    "does_not_start_with": "starts_with",
    "does_not_end_with": "ends_with",
}
"""Operators that hold for the values, where there is one, for which the other does not."""
LACKING: Mapping[Operator, Operator] = {"is_null": "is_not_null", "is_empty": "is_not_empty"}
"""Operators that hold for a person none of whose rows fulfils the other."""
OPERATORS: Mapping[Operator, Callable[[exp.Expr, Values], exp.Expr]] = {
    "is_true": lambda column, _: column,
    "is_false": lambda column, _: exp.not_(column),
    "is_not_null": lambda column, _: exp.not_(column.is_(exp.null())),
    "is_not_empty": lambda column, _: exp.NEQ(this=column, expression=exp.Literal.string("")),
    "is": lambda column, values: exp.EQ(this=column, expression=values[0]),
    "is_between": lambda column, values: exp.and_(
        exp.GT(this=column, expression=values[0]), exp.LT(this=column.copy(), expression=values[1])
    ),
    "is_after": lambda column, values: exp.GT(this=column, expression=values[0]),
    "is_before": lambda column, values: exp.LT(this=column, expression=values[0]),
    "is_on_or_after": lambda column, values: exp.GTE(this=column, expression=values[0]),
    "is_on_or_before": lambda column, values: exp.LTE(this=column, expression=values[0]),
    "is_greater_than": lambda column, values: exp.GT(this=column, expression=values[0]),
    "is_at_least": lambda column, values: exp.GTE(this=column, expression=values[0]),
    "is_less_than": lambda column, values: exp.LT(this=column, expression=values[0]),
    "is_at_most": lambda column, values: exp.LTE(this=column, expression=values[0]),
    "is_in_list": lambda column, values: exp.In(this=column, expressions=values),
    "is_exactly": lambda column, values: exp.EQ(this=column, expression=values[0]),
    "is_like": lambda column, values: exp.Like(this=column, expression=values[0]),
    "contains": lambda column, values: exp.Contains(this=column, expression=values[0]),
    "starts_with": lambda column, values: exp.StartsWith(this=column, expression=values[0]),
    "ends_with": lambda column, values: exp.EndsWith(this=column, expression=values[0]),
}
"""Operator -> its expression; those of NEGATED and LACKING follow from these."""


def condition(rule: Rule, days: Days) -> exp.Expr:
    """Give the expression that a row must fulfil; for an operator of LACKING, the one that no row may fulfil."""
    operator = rule.operator or "is_null"
    operator = LACKING.get(operator, operator)
    column: exp.Expr = exp.column(rule.column)
    values: Values = [_literal(value) for value in rule.given]
    if "time" in rule.families:
        moments = [moment_of(str(value)) for value in rule.given]
        values = [_moment(one, days) for one in moments]
        if not any(isinstance(one, dt.datetime) for one in moments):
            column = exp.cast(column, "DATE")
    elif any(_is_fine(value) for value in rule.given):
        column, values = exp.cast(column, "DOUBLE"), [exp.cast(value, "DOUBLE") for value in values]
    found = OPERATORS[NEGATED.get(operator, operator)](column, values)
    return exp.not_(exp.paren(found)) if operator in NEGATED else found


def on_business_date(relative: Relative) -> exp.Expr:
    """Spell a relative day so that Spark works it out from the run's business date."""
    start = exp.Placeholder(this=BUSINESS_DATE)
    if not relative.count:
        return start
    name = "DATE_ADD" if relative.unit == "day" else "ADD_MONTHS"
    return exp.Anonymous(this=name, expressions=[start, exp.Literal.number(relative.count)])


def on_day(business_date: dt.date) -> Days:
    """Give the way to spell relative days as the dates that they are on one business date."""
    return lambda relative: _moment(relative.on(business_date), on_business_date)


def _literal(value: float | str) -> exp.Expr:
    if isinstance(value, str):
        return exp.Literal.string(value)
    return exp.Literal.number(format(value, "d") if isinstance(value, int) else _decimal(value))


def _decimal(value: float) -> str:
    """Spell a number with its shortest digits and without an exponent, which would make it inexact."""
    return format(Decimal(repr(value)), "f")


def _is_fine(value: float | str) -> bool:
    """Say whether a number has more decimals than an amount has.

    Spark would round it to the scale of the column, since DECIMAL(38, 2) leaves no room for more: 0.125 would be 0.13.
    """
    return isinstance(value, float) and len(_decimal(value).partition(".")[2]) > AMOUNT_SCALE


def _moment(moment: Moment, days: Days) -> exp.Expr:
    if isinstance(moment, Relative):
        return days(moment)
    if isinstance(moment, dt.datetime):
        return exp.cast(exp.Literal.string(moment.isoformat(sep=" ")), "TIMESTAMPTZ")
    return exp.cast(exp.Literal.string(moment.isoformat()), "DATE")
