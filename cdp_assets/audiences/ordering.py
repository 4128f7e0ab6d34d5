"""ORDER BY, LIMIT, OFFSET and FETCH FIRST: in which order the rows of a result stand, and how many of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from cdp_assets.audiences.context import Context, Field, Scope, direction
from cdp_assets.audiences.grouping import aggregates_in
from cdp_assets.audiences.select_list import Item
from cdp_assets.audiences.values import Refused, Value, quoted


@dataclass(frozen=True)
class Key:
    """A key of ORDER BY: a column of the result by its place, or a value of its own."""

    value: Value
    place: int | None
    order: str


def order_of(context: Context, node: exp.Expr, items: Sequence[Item]) -> list[Key]:
    """Give the keys of ORDER BY, none where there is none."""
    order = node.args.get("order")
    found = []
    for one in order.expressions if order is not None else ():
        value, place = _key(context, one.this, items)
        if value.type.name in ("map", "json", "function"):
            raise Refused(f"ORDER BY {value.type}", "It has no order.", one)
        found.append(Key(value, place, direction(one)))
    return found


def _key(context: Context, node: exp.Expr, items: Sequence[Item]) -> tuple[Value, int | None]:
    """Give what a key means: a place, a name of the result, or an expression in which such names may stand."""
    if isinstance(node, exp.Literal) and not node.is_string and str(node.this).isdigit():
        place = int(node.this) - 1
        if not 0 <= place < len(items):
            raise Refused(f"ORDER BY {node.this}", f"Expected 1 to {len(items)}.", node)
        return items[place].value, place
    if isinstance(node, exp.Column) and not node.table:
        places = [at for at, item in enumerate(items) if (item.name or "").lower() == node.name.lower()]
        if len(places) > 1 and len({items[at].value.sql for at in places}) > 0:
            raise Refused(f"ORDER BY {node.name}", "Two columns of the result have this name; rename one.", node)
        if places:
            return items[places[0]].value, places[0]
    with context.lambda_of({}):
        value = _with_aliases(context, node, items)
    same = next((at for at, item in enumerate(items) if item.value.sql == value.sql), None)
    return value, same


def _with_aliases(context: Context, node: exp.Expr, items: Sequence[Item]) -> Value:
    """Translate an expression of ORDER BY, in which names of the result come before those of FROM."""
    names = {
        item.name.lower(): item.value
        for item in items
        if item.name and not (isinstance(item.node, exp.Column) and item.node.name.lower() == item.name.lower())
    }
    used = {one.name.lower() for one in node.find_all(exp.Column) if not one.table}
    if not names.keys() & used or aggregates_in(node):
        return context.value(node)
    scope = Scope(
        (*(Field(name, value) for name, value in names.items()),
         *(one for one in context.scope.fields if (one.name or "").lower() not in names)),
        context.scope.outer, context.scope.grouped,
    )  # fmt: skip
    with context.within(scope):
        return context.value(node)


def tail(context: Context, node: exp.Expr, keys: Sequence[Key]) -> str:
    """Spell ORDER BY, LIMIT, FETCH FIRST and OFFSET."""
    found = f" ORDER BY {', '.join(f'{key.value.sql} {key.order}' for key in keys)}" if keys else ""
    limit, offset = node.args.get("limit"), node.args.get("offset")
    if isinstance(limit, exp.Fetch):
        found += (
            f" LIMIT {_count(limit.args.get('count'), node)}" if limit.args.get("count") is not None else " LIMIT 1"
        )
    elif limit is not None and str(limit.expression).upper() != "ALL":
        found += f" LIMIT {_count(limit.expression, node)}"
    return found + (f" OFFSET {_count(offset.expression, node)}" if offset is not None else "")


def _count(node: exp.Expr | None, around: exp.Expr) -> int:
    if isinstance(node, exp.Literal) and str(node.this).isdigit():
        return int(node.this)
    raise Refused("LIMIT or OFFSET that is not a number", "Write the number.", around)


def has_ties(node: exp.Expr) -> bool:
    """Say whether the rows that tie with the last one are wanted too."""
    limit = node.args.get("limit")
    options = limit.args.get("limit_options") if isinstance(limit, exp.Fetch) else None
    return options is not None and bool(options.args.get("with_ties"))


def tied(node: exp.Expr, inner: str, alias: str, keys: Sequence[Key]) -> str:
    """Spell FETCH FIRST n ROWS WITH TIES: every row whose rank is not behind the last one's."""
    if not keys:
        raise Refused("WITH TIES without ORDER BY", "Order the rows.", node)
    limit, offset = node.args["limit"], node.args.get("offset")
    skipped = _count(offset.expression, node) if offset is not None else 0
    last = skipped + (_count(limit.args.get("count"), node) if limit.args.get("count") is not None else 1)
    order = f"ORDER BY {', '.join(f'{key.value.sql} {key.order}' for key in keys)}"
    ranked = (
        f"SELECT *, rank() OVER ({order}) AS _rank, row_number() OVER ({order}) AS _row FROM ({inner})"
        f" AS {quoted(alias)}"
    )
    return f"({ranked}) AS {quoted(alias)} WHERE _rank <= {last} AND _row > {skipped} {order}"
