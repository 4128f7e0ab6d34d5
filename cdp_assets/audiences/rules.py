"""The allow-list: every construct of Presto SQL that is known to mean the same on Spark, and its rule.

A construct that is not here is refused by name. What is here has been compared with Trino's own answers
(tests/spark/audiences).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from cdp_assets.audiences import operators, windows
from cdp_assets.audiences.context import Context, Rule
from cdp_assets.audiences.expressions import EXPRESSIONS, FORMS
from cdp_assets.audiences.functions.arrays import ARRAYS
from cdp_assets.audiences.functions.binaries import BINARIES
from cdp_assets.audiences.functions.clock import CLOCK, CLOCK_FORMS
from cdp_assets.audiences.functions.datetimes import DATETIMES, extract
from cdp_assets.audiences.functions.jsons import JSONS, json_array, json_object, json_query, json_value
from cdp_assets.audiences.functions.maps import MAPS
from cdp_assets.audiences.functions.numbers import NUMBERS
from cdp_assets.audiences.functions.regexes import REGEXES
from cdp_assets.audiences.functions.strings import AMBIGUOUS, STRINGS, formatted, normalized, trim
from cdp_assets.audiences.grouping import aggregate_name
from cdp_assets.audiences.literals import LITERALS
from cdp_assets.audiences.signatures import by_name, called
from cdp_assets.audiences.subqueries import SUBQUERIES, quantified
from cdp_assets.audiences.values import Refused, Value

FUNCTIONS = by_name([STRINGS, NUMBERS, DATETIMES, ARRAYS, MAPS, JSONS, REGEXES, BINARIES])


OWN_FORMS: Mapping[str, Rule] = {**FORMS, **CLOCK_FORMS, "json_array": json_array, "format": formatted}


def function(context: Context, node: exp.Expr) -> Value:
    """Translate a call: a form of its own, or a function of the list."""
    name = str(node.name).lower()
    if name in OWN_FORMS:
        return OWN_FORMS[name](context, node)
    if name in ("substring", "position") and not isinstance(node, exp.Anonymous):
        name = node.key
    if aggregate_name(node) is not None:
        raise Refused(
            f"{name.upper()} here",
            "An aggregate stands in SELECT, HAVING and ORDER BY, and in no other aggregate.",
            node,
        )
    if name in AMBIGUOUS and any(isinstance(one, exp.Null) for one in node.expressions[:1]):
        raise Refused(f"{name.upper()} of NULL", "Presto cannot choose among its kinds: cast NULL to a type.", node)
    return called(context, node, name, node.expressions, FUNCTIONS)


def comparison(context: Context, node: exp.Expr) -> Value:
    """Translate a comparison, with a value or with ANY or ALL of a query."""
    sign, right = operators.COMPARED[type(node)], node.expression
    if isinstance(right, exp.Any | exp.All):
        return quantified(context, node, sign, every=isinstance(right, exp.All))
    if isinstance(right, exp.Anonymous) and right.expressions and isinstance(right.expressions[0], exp.Values):
        return quantified(context, node, sign, every=str(right.name).upper() == "ALL")
    return operators.comparison(context, node)


def _spelled(name: str, *arguments: str) -> Callable[[Context, exp.Expr], Value]:
    """Make the rule of a function with words between its operands."""

    def rule(context: Context, node: exp.Expr) -> Value:
        operands = [node.args[one] for one in arguments if node.args.get(one) is not None]
        if name in AMBIGUOUS and isinstance(operands[0], exp.Null):
            raise Refused(f"{name.upper()} of NULL", "Presto cannot choose among its kinds: cast NULL to a type.", node)
        return called(context, node, name, operands, FUNCTIONS)

    return rule


def _no_aggregate(context: Context, node: exp.Expr) -> Value:
    raise Refused(
        "an aggregate here", "An aggregate stands in SELECT, HAVING and ORDER BY, and in no other aggregate.", node
    )


RULES: Mapping[type[exp.Expr], Rule] = {
    **LITERALS,
    **EXPRESSIONS,
    **CLOCK,
    **SUBQUERIES,
    **dict.fromkeys(operators.SIGNS, operators.arithmetic),
    **dict.fromkeys(operators.COMPARED, comparison),
    exp.Neg: operators.negated,
    exp.NullSafeEQ: operators.distinct_from,
    exp.NullSafeNEQ: operators.distinct_from,
    exp.DPipe: operators.concatenated,
    exp.Anonymous: function,
    exp.Filter: _no_aggregate,
    exp.GroupConcat: _no_aggregate,
    exp.Window: windows.window,
    exp.Trim: trim,
    exp.Normalize: normalized,
    exp.Substring: _spelled("substring", "this", "start", "length"),
    exp.StrPosition: _spelled("strpos", "this", "substr"),
    exp.Extract: extract,
    exp.JSONObject: json_object,
    exp.JSONValue: json_value,
    exp.JSONExtract: json_query,
}
