"""What stands between SELECT and FROM: the columns of the result, and what they are called."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.context import Context
from cdp_assets.audiences.values import Refused, Value, quoted

DEPTH = "_depth"
"""How far a recursion has come, in a column that no result may be called by."""


@dataclass(frozen=True)
class Item:
    """A column of the result."""

    name: str | None
    value: Value
    node: exp.Expr | None


def items_of(context: Context, node: exp.Expr) -> list[Item]:
    """Give the columns of the result; a star stands for many."""
    found: list[Item] = []
    for one in node.expressions:
        inner = one.unalias()
        if isinstance(inner, exp.Star) or (isinstance(inner, exp.Column) and isinstance(inner.this, exp.Star)):
            found += _starred(context, inner)
            continue
        if isinstance(inner, exp.Dot) and isinstance(inner.expression, exp.Star):
            found += _row_starred(context, inner)
            continue
        name = one.alias if isinstance(one, exp.Alias) else _plain_name(one)
        found.append(Item(name, context.value(inner), inner))
    if not found:
        raise Refused("SELECT of nothing", "Select columns.", node)
    return found


def _plain_name(node: exp.Expr) -> str | None:
    """Give the name that a column has by itself."""
    if isinstance(node, exp.Column):
        return str(node.name)
    return str(node.expression.name) if isinstance(node, exp.Dot) else None


def _starred(context: Context, node: exp.Expr) -> list[Item]:
    if node.args.get("except_") or node.args.get("replace") or node.args.get("rename"):
        raise Refused("* with EXCEPT or REPLACE", "List the columns.", node)
    qualifier = node.args["table"].name.lower() if isinstance(node, exp.Column) else None
    fields = [one for one in context.scope.fields if qualifier in (None, (one.qualifier or "").lower())]
    if not fields:
        raise Refused(f"{qualifier or ''}*", "There is no such table in FROM.", node)
    if context.scope.grouped is None:
        return [Item(one.name, one.value, None) for one in fields]
    columns = [exp.column(one.name or "", table=one.qualifier) for one in fields]
    return [Item(one.name, context.value(column), column) for one, column in zip(fields, columns, strict=True)]


def _row_starred(context: Context, node: exp.Expr) -> list[Item]:
    whole = context.value(node.this)
    if whole.type.name != "row":
        raise Refused(f"{whole.type}.*", "Expected a row.", node)
    names = types.field_names(whole.type)
    return [
        Item(name, Value(f"{whole.sql}.{quoted(own)}", part), None)
        for name, own, part in zip(whole.type.fields, names, whole.type.parts, strict=True)
    ]


def column_names(items: Sequence[Item]) -> list[str]:
    """Name the columns, each by a name of its own."""
    found: list[str] = []
    for at, item in enumerate(items):
        name = (item.name or f"_col{at}").lower()
        found.append(name if name not in found and name != DEPTH else f"{name}_{at}")
    return found
