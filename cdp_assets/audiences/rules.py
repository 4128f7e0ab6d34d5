"""The allow-list: every construct of Presto SQL that is known to mean the same on Spark, and its rule.

A construct that is not here is refused by name. What is here has been compared with Trino's own answers
(tests/spark/audiences).
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from cdp_assets.audiences import dates, decimals, text, types
from cdp_assets.audiences.constructs import (
    Rule,
    arithmetic,
    cast,
    choice,
    combined,
    conditional,
    dated,
    divide,
    extreme,
    grouping,
    join,
    like,
    membership,
    of_family,
    one_family,
    position,
    remainder,
    rounding,
    same,
    substring,
    unit,
    window,
)

STRUCTURE: tuple[type[exp.Expr], ...] = (
    exp.Select, exp.From, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.With,
    exp.CTE, exp.Subquery, exp.Distinct, exp.Alias, exp.TableAlias, exp.Table, exp.Column, exp.Identifier, exp.Star,
    exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Tuple, exp.DataType, exp.DataTypeParam, exp.Var,
    exp.WindowSpec, exp.Filter, exp.Values, exp.Rollup, exp.Cube, exp.GroupingSets,
)  # fmt: skip
ALIKE: tuple[type[exp.Expr], ...] = (
    exp.And, exp.Or, exp.Not, exp.Is, exp.Exists, exp.Neg, exp.Count, exp.CountIf, exp.LogicalAnd, exp.LogicalOr,
    exp.Rank, exp.DenseRank, exp.RowNumber, exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead,
    exp.FirstValue, exp.LastValue,
)  # fmt: skip
ON_TEXT: tuple[type[exp.Expr], ...] = (exp.Length,)
ON_NUMBERS: tuple[type[exp.Expr], ...] = (
    exp.Sum, exp.Abs, exp.Sqrt, exp.Exp, exp.Stddev, exp.StddevSamp, exp.StddevPop,
    exp.Variance, exp.VariancePop,
)  # fmt: skip
ON_VALUES: tuple[type[exp.Expr], ...] = (exp.Min, exp.Max)
DATE_PARTS: tuple[type[exp.Expr], ...] = (
    exp.Year,
    exp.Month,
    exp.Day,
    exp.Quarter,
    exp.Hour,
    exp.Minute,
    exp.DayOfYear,
)
COMPARISONS: tuple[type[exp.Expr], ...] = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ)


def _division(node: exp.Expr) -> exp.Expr:
    """Divide floats, whole numbers or decimals, each as Presto does."""
    operands = (node.this, node.expression)
    exact = any(map(types.is_decimal, operands)) and not any(map(types.is_float, operands))
    return decimals.divided(node) if exact else divide(node)


def _average(node: exp.Expr) -> exp.Expr:
    """Average numbers; decimals keep their scale."""
    return decimals.averaged(node) if types.is_decimal(node.this) else of_family(types.NUMBER)(node)


RULES: Mapping[type[exp.Expr], Rule] = {
    **dict.fromkeys((*STRUCTURE, *ALIKE), same),
    **dict.fromkeys(COMPARISONS, one_family("this", "expression")),
    **dict.fromkeys(ON_TEXT, of_family(types.TEXT)),
    **dict.fromkeys(ON_NUMBERS, of_family(types.NUMBER)),
    **dict.fromkeys(ON_VALUES, of_family(types.NUMBER, types.TEXT, types.DATE, types.TIME, types.BOOLEAN)),
    **dict.fromkeys(DATE_PARTS, dated),
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul), arithmetic),
    **dict.fromkeys((exp.Union, exp.Intersect, exp.Except), combined),
    exp.Between: one_family("this", "low", "high"),
    exp.In: membership,
    exp.Join: join,
    exp.Window: window,
    exp.Grouping: grouping,
    exp.Coalesce: one_family("this", "expressions"),
    exp.Nullif: one_family("this", "expression"),
    exp.DPipe: one_family("this", "expression"),
    exp.Concat: one_family("expressions"),
    exp.StrPosition: position,
    exp.Div: _division,
    exp.DateDiff: dates.difference,
    exp.DateAdd: dates.step,
    exp.DateTrunc: dates.truncation,
    exp.TimestampTrunc: dates.truncation,
    exp.Greatest: extreme,
    exp.Least: extreme,
    exp.Ceil: rounding,
    exp.Floor: rounding,
    exp.Mod: remainder,
    exp.Avg: _average,
    exp.Cast: cast,
    exp.Case: choice,
    exp.If: conditional,
    exp.Like: like,
    exp.Substring: substring,
    exp.Round: rounding,
    exp.Interval: unit,
    exp.Lower: text.lower,
    exp.Upper: text.upper,
}
