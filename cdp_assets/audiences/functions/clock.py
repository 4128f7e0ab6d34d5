"""Today and now: the business date of what is read, and its last millisecond, whenever the question is asked.

So an answer is the same when it is asked again, a sandbox's differs from production's by its change alone, and a
condition such as `order_datetime <= now()` holds the whole business date, as the tables' own windows do.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.context import Context, Rule
from cdp_assets.audiences.values import Refused, Value, text

LAST_MOMENT = "23:59:59.999"


def today(context: Context, _: exp.Expr) -> Value:
    """CURRENT_DATE."""
    return Value(f"DATE '{context.today.isoformat()}'", types.DATE)


def now(context: Context, _: exp.Expr) -> Value:
    """CURRENT_TIMESTAMP and NOW(): told in UTC."""
    return Value(_moment(context), types.TIMESTAMP_ZONE, text("UTC"))


def local_now(context: Context, _: exp.Expr) -> Value:
    """LOCALTIMESTAMP."""
    return Value(_moment(context), types.TIMESTAMP)


def _moment(context: Context) -> str:
    return f"TIMESTAMP '{context.today.isoformat()} {LAST_MOMENT}'"


def _without_operands(rule: Rule, name: str) -> Callable[[Context, exp.Expr], Value]:
    def found(context: Context, node: exp.Expr) -> Value:
        if node.expressions:
            raise Refused(f"{name.upper()} with an operand", f"Write {name.upper()}().", node)
        return rule(context, node)

    return found


CLOCK: dict[type[exp.Expr], Rule] = {
    exp.CurrentDate: today,
    exp.CurrentTimestamp: now,
    exp.Localtimestamp: local_now,
}
CLOCK_FORMS: dict[str, Rule] = {"now": _without_operands(now, "now")}
"""Those that are written as calls."""
