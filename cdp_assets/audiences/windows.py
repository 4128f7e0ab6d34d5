"""Window functions: OVER, its frames, and the functions that only stand there."""

from __future__ import annotations

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.casts import coerced
from cdp_assets.audiences.context import Context, Relation, column, direction, name_of
from cdp_assets.audiences.grouping import aggregate, aggregate_name
from cdp_assets.audiences.signatures import Call, Functions, by_name, chosen
from cdp_assets.audiences.values import Refused, Value, quoted

RANKS = ("row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "ntile", "lag", "lead")
"""Functions that have no frame: Presto does not look at it, Spark refuses it."""


def _shifted(call: Call) -> Value:
    """LAG and LEAD: a default becomes the type of the value."""
    value, *rest = call.arguments
    operands = ", ".join(
        [value.sql, *(one.sql for one in rest[:1]), *(coerced(one, call.result).sql for one in rest[1:])]
    )
    return Value(f"{call.name}({operands})#", call.result)


WINDOWS: Functions = {
    "row_number() -> bigint": "CAST(row_number()# AS BIGINT)",
    "rank() -> bigint": "CAST(rank()# AS BIGINT)",
    "dense_rank() -> bigint": "CAST(dense_rank()# AS BIGINT)",
    "percent_rank() -> double": "percent_rank()#",
    "cume_dist() -> double": "cume_dist()#",
    "ntile(bigint) -> bigint": "CAST(ntile(CAST({0} AS INT))# AS BIGINT)",
    "first_value(t) -> t": "first_value({0})#",
    "last_value(t) -> t": "last_value({0})#",
    "nth_value(t, bigint) -> t": "nth_value({0}, CAST({1} AS INT))#",
    "lag(t) -> t": _shifted,
    "lag(t, integer) -> t": _shifted,
    "lag(t, integer, t) -> t": _shifted,
    "lead(t) -> t": _shifted,
    "lead(t, integer) -> t": _shifted,
    "lead(t, integer, t) -> t": _shifted,
}
KNOWN = by_name([WINDOWS])


def window(context: Context, node: exp.Expr) -> Value:
    """Translate a function with OVER."""
    if not context.scope.over:
        raise Refused("OVER outside SELECT and ORDER BY", "Compute it in a subquery first.", node)
    inner, nulls = node.this, ""
    if isinstance(inner, exp.Filter):
        raise Refused("FILTER with OVER", "Write SUM(CASE WHEN … END) OVER (…).", node)
    if isinstance(inner, exp.IgnoreNulls | exp.RespectNulls):
        nulls = " IGNORE NULLS" if isinstance(inner, exp.IgnoreNulls) else ""
        inner = inner.this
    name = str(inner.name).lower() if isinstance(inner, exp.Anonymous) else ""
    over = f"{nulls} OVER ({_window(context, node, name)})"
    if name in KNOWN:
        return _function(context, inner, name, over)
    if aggregate_name(inner) is None or nulls:
        raise Refused(f"{name_of(inner)} with OVER", "It is no window function.", inner)
    if inner.find(exp.Distinct):
        return _distinct(context, inner, over)
    if inner.find(exp.Order):
        raise Refused("ORDER BY inside a function with OVER", "Order the window.", inner)
    return aggregate(context, inner, over)


def _function(context: Context, node: exp.Expr, name: str, over: str) -> Value:
    one, call = chosen(context, node, name, node.expressions, KNOWN[name])
    if name in ("ntile", "nth_value", "lag", "lead") and any(
        part.literal is None for part in call.arguments[_FIRST[name] :][:1]
    ):
        raise Refused(f"{name.upper()} with a number that is not a literal", "Write the number.", node)
    if isinstance(one.does, str):
        found = one.does
        for at, part in enumerate(call.arguments):
            found = found.replace(f"{{{at}}}", part.sql)
        return Value(found.replace("#", over) if "#" in one.does else found, call.result)
    value = one.does(call)
    return Value(f"{value.sql.removesuffix('#')}{over}", value.type)


_FIRST = {"ntile": 0, "nth_value": 1, "lag": 1, "lead": 1}
"""Where a function's number stands."""


def _distinct(context: Context, node: exp.Expr, over: str) -> Value:
    """COUNT(DISTINCT …) OVER: the size of the set, which Spark has in windows."""
    if str(node.name).lower() != "count":
        raise Refused("DISTINCT with OVER", "Count distinct values in a subquery first.", node)
    values = [context.value(one) for part in node.find_all(exp.Distinct) for one in part.expressions]
    if len(values) != 1:
        raise Refused("COUNT of several values with OVER", "Count one.", node)
    return Value(f"CAST(size(collect_set({values[0].sql}){over}) AS BIGINT)", types.BIGINT)


def _window(context: Context, node: exp.Expr, name: str) -> str:
    """Spell what stands between the brackets of OVER; a window with a name may be gone on with."""
    partition, order, spec = _parts(context, node)
    found = _partition(context, partition)
    rank = context.scope.ranks.get(id(node))
    if rank is not None and spec is not None:
        return " ".join([*found, f"ORDER BY {rank}", _frame(context, spec, "RANGE")])
    if order is not None:
        keys = [f"{context.value(one.this).sql} {direction(one)}" for one in order.expressions]
        found.append(f"ORDER BY {', '.join(keys)}")
    elif name in ("ntile", "lag", "lead", "row_number", "rank", "dense_rank", "percent_rank", "cume_dist", "nth_value"):
        found.append("ORDER BY 1")
    if spec is not None and name not in RANKS:
        found.append(_frame(context, spec, str(spec.args["kind"]).upper()))
    return " ".join(found)


def _partition(context: Context, partition: list[exp.Expr]) -> list[str]:
    return [f"PARTITION BY {', '.join(context.value(one).sql for one in partition)}"] if partition else []


def ranked(context: Context, select: exp.Expr, source: Relation, test: str) -> tuple[Relation, str]:
    """Number the groups of every window with a frame by GROUPS, which Spark has not, in a query of its own."""
    found = {
        id(one): one for one in select.find_all(exp.Window) if one.parent_select is select and _by_groups(context, one)
    }
    if not found:
        return source, test
    alias, names = context.alias("q"), [f"c{at}" for at in range(len(source.fields))]
    listed = [f"{one.value.sql} AS {name}" for one, name in zip(source.fields, names, strict=True)]
    for at, one in enumerate(found.values()):
        partition, order, _ = _parts(context, one)
        if order is None:
            raise Refused("a frame by GROUPS without ORDER BY", "Order the window.", one)
        keys = ", ".join(f"{context.value(key.this).sql} {direction(key)}" for key in order.expressions)
        listed.append(f"dense_rank() OVER ({' '.join([*_partition(context, partition), f'ORDER BY {keys}'])}) AS r{at}")
    context.scope.ranks = {key: f"{quoted(alias)}.r{at}" for at, key in enumerate(found)}
    fields = (
        column(alias, name, one.value, one.name, one.qualifier) for one, name in zip(source.fields, names, strict=True)
    )
    return Relation(f"(SELECT {', '.join(listed)} FROM {source.sql}{test}) AS {quoted(alias)}", tuple(fields)), ""


def _by_groups(context: Context, node: exp.Expr) -> bool:
    spec = node.args.get("spec") if node.args.get("over") else None
    return spec is not None and str(spec.args["kind"]).upper() == "GROUPS"


def _parts(context: Context, node: exp.Expr) -> tuple[list[exp.Expr], exp.Expr | None, exp.Expr | None]:
    """Give a window's partition, order and frame, with those of the window whose name it bears."""
    partition, order, spec = node.args.get("partition_by") or [], node.args.get("order"), node.args.get("spec")
    alias = node.args.get("alias")
    if alias is None:
        return partition, order, spec
    base = context.scope.windows.get(alias.name.lower())
    if base is None:
        raise Refused(f"window {alias.name}", "It is not in WINDOW.", node)
    had, had_order, had_spec = _parts(context, base)
    return partition or had, order or had_order, spec or had_spec


def _frame(context: Context, spec: exp.Expr, kind: str) -> str:
    if kind == "GROUPS":
        raise Refused("a frame by GROUPS here", "Write it after OVER, in a SELECT that does not group.", spec)
    start = _bound(context, spec, "start")
    end = _bound(context, spec, "end") if spec.args.get("end") else "CURRENT ROW"
    return f"{kind} BETWEEN {start} AND {end}"


def _bound(context: Context, spec: exp.Expr, side: str) -> str:
    value, direction_ = spec.args[side], str(spec.args.get(f"{side}_side") or "")
    if isinstance(value, str):
        return f"{value} {direction_}".strip()
    return f"{context.value(value).sql} {direction_}"
