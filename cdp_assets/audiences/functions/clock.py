"""Today and now: the business date of what is read, and its last millisecond, whenever the question is asked.

So an answer is the same when it is asked again, a sandbox's differs from production's by its change alone, and a
condition such as `order_datetime <= now()` holds the whole business date, as the tables' own windows do.
"""

from __future__ import annotations

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.context import Context, Rule
from cdp_assets.audiences.values import Refused, Value, text

LAST_MOMENT = "23:59:59.999"


def today(context: Context, _: exp.Expr) -> Value:
    """CURRENT_DATE."""
    return Value(f"DATE '{context.today.isoformat()}'", types.DATE)


def now(context: Context, _: exp.Expr) -> Value:
    """CURRENT_TIMESTAMP: told in UTC."""
    return Value(_moment(context), types.TIMESTAMP_ZONE, text("UTC"))


def local_now(context: Context, _: exp.Expr) -> Value:
    """LOCALTIMESTAMP."""
    return Value(_moment(context), types.TIMESTAMP)


def _moment(context: Context) -> str:
    return f"TIMESTAMP '{context.today.isoformat()} {LAST_MOMENT}'"


def now_called(context: Context, node: exp.Expr) -> Value:
    """NOW()."""
    if node.expressions:
        raise Refused("NOW with an operand", "Write NOW().", node)
    return now(context, node)


CLOCK: dict[type[exp.Expr], Rule] = {
    exp.CurrentDate: today,
    exp.CurrentTimestamp: now,
    exp.Localtimestamp: local_now,
}
CLOCK_FORMS: dict[str, Rule] = {"now": now_called}
"""Those that are written as calls."""
