"""The allow-list: every construct of Presto SQL that is known to mean the same on Spark, and how it is spelled there.

A construct that is not here is refused by name. A rule gives the node to put in the place of the one it is asked
about, or raises Refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from cdp_assets.audiences import types

Rule = Callable[[exp.Expression], exp.Expression]


class Refused(Exception):  # noqa: N818 - becomes a QueryError with its place
    """A construct that is not translated, and what to write instead."""

    def __init__(self, construct: str, hint: str) -> None:
        self.construct, self.hint = construct, hint
        super().__init__(construct)


def same(node: exp.Expression) -> exp.Expression:
    """Leave a construct that means the same in both."""
    return node


def divide(node: exp.Expression) -> exp.Expression:
    """Whole numbers divide to whole numbers in Presto; decimals keep their own scale, which Spark does not."""
    left, right = node.this, node.expression
    if types.is_float(left) or types.is_float(right):
        return node
    if types.is_integer(left) and types.is_integer(right):
        return exp.IntDiv(this=left, expression=right)
    raise Refused("division of decimals", "Write CAST(… AS DOUBLE) on one side.")


def average(node: exp.Expression) -> exp.Expression:
    """The average of decimals has the decimals' scale in Presto and four digits more in Spark."""
    if types.is_float(node.this) or types.is_integer(node.this):
        return node
    raise Refused("AVG of decimals", "Write AVG(CAST(… AS DOUBLE)).")


def cast(node: exp.Expression) -> exp.Expression:
    """Allow the casts whose every value comes out alike."""
    source, target = node.this, node.args["to"].this
    if _is_plain_cast(source, target):
        return node
    if target in types.INTEGERS and (types.is_float(source) or types.is_decimal(source)):
        return exp.cast(exp.Round(this=source), node.args["to"])
    raise Refused(
        f"CAST({types.kind(source).value} AS {target.value})", "Cast numbers to numbers, or numbers and dates to text."
    )


def _is_plain_cast(source: exp.Expression, target: exp.DType) -> bool:
    if target in types.FLOATS:
        return types.is_integer(source) or types.is_decimal(source) or types.is_float(source)
    if target in types.TEXTS:
        return types.is_integer(source) or types.is_decimal(source) or types.is_text(source) or _is_date(source)
    if target in types.INTEGERS:
        return types.is_integer(source)
    if target is types.T.DATE:
        return types.is_time(source) or _is_date(source) or _is_iso_date(source)
    return target is types.kind(source)


def _is_date(node: exp.Expression) -> bool:
    return types.kind(node) is types.T.DATE


def _is_iso_date(node: exp.Expression) -> bool:
    digits = node.name.replace("-", "") if isinstance(node, exp.Literal) and node.is_string else ""
    return len(digits) == 8 and digits.isdigit() and node.name[4:5] == node.name[7:8] == "-"


STRUCTURE: tuple[type[exp.Expression], ...] = (
    exp.Select, exp.From, exp.Join, exp.Where, exp.Group, exp.Having, exp.Order, exp.Ordered, exp.Limit, exp.With,
    exp.CTE, exp.Subquery, exp.Union, exp.Intersect, exp.Except, exp.Distinct, exp.Alias, exp.TableAlias, exp.Table,
    exp.Column, exp.Identifier, exp.Star, exp.Literal, exp.Null, exp.Boolean, exp.Paren, exp.Tuple, exp.DataType,
    exp.DataTypeParam, exp.Var, exp.Case, exp.If, exp.Window, exp.WindowSpec, exp.Filter,
)  # fmt: skip
OPERATORS: tuple[type[exp.Expression], ...] = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In, exp.Is, exp.Like,
    exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Exists,
)  # fmt: skip
FUNCTIONS: tuple[type[exp.Expression], ...] = (
    exp.Count, exp.Sum, exp.Min, exp.Max, exp.Coalesce, exp.Nullif, exp.Rank, exp.DenseRank, exp.RowNumber,
    exp.PercentRank, exp.CumeDist, exp.Ntile, exp.Lag, exp.Lead, exp.Lower, exp.Upper, exp.Abs, exp.CountIf,
)  # fmt: skip
RULES: Mapping[type[exp.Expression], Rule] = {
    **dict.fromkeys((*STRUCTURE, *OPERATORS, *FUNCTIONS), same),
    exp.Div: divide,
    exp.Avg: average,
    exp.Cast: cast,
}
