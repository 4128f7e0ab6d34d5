"""The allow-list: every construct of Presto SQL that is known to mean the same on Spark, and its rule.

A construct that is not here is refused by name. What is here has been compared with Trino's own answers
(tests/spark/audiences).
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from cdp_assets.audiences import text, types
from cdp_assets.audiences.constructs import (
    Rule,
    arithmetic,
    average,
    cast,
    choice,
    combined,
    conditional,
    dated,
    divide,
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
)  # fmt: skip
ON_TEXT: tuple[type[exp.Expr], ...] = (exp.Length,)
ON_NUMBERS: tuple[type[exp.Expr], ...] = (exp.Sum, exp.Abs)
ON_VALUES: tuple[type[exp.Expr], ...] = (exp.Min, exp.Max)
DATE_PARTS: tuple[type[exp.Expr], ...] = (exp.Year, exp.Month, exp.Day, exp.Quarter, exp.Hour, exp.DayOfYear)
COMPARISONS: tuple[type[exp.Expr], ...] = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ)

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
    exp.Div: divide,
    exp.Mod: remainder,
    exp.Avg: average,
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
