"""Refuses what the parser lets through and Presto does not."""

from __future__ import annotations

import itertools
from collections import Counter

import sqlglot
from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from cdp_assets.errors import QueryError

AFTER_NO_COMMA = frozenset((TokenType.FROM, TokenType.R_PAREN, TokenType.WHERE, TokenType.GROUP_BY, TokenType.ORDER_BY))


def refuse_lenient(tree: exp.Query, text: str, where: str) -> None:
    """Raise QueryError for a trailing comma, an ambiguous ORDER BY, NATURAL joins and qualified USING columns."""
    tokens = sqlglot.tokenize(text, read="trino")
    for token, following in itertools.pairwise([*tokens, None]):
        ends = following is None or following.token_type in AFTER_NO_COMMA
        if token is not None and token.token_type is TokenType.COMMA and ends:
            raise QueryError(f"{where}, line {token.line}", "a trailing comma", "Remove it.")
    for select in tree.find_all(exp.Select):
        _refuse_ambiguous_order(select, where)
        _refuse_joins(select, where)


def _refuse_ambiguous_order(select: exp.Select, where: str) -> None:
    names = Counter(item.alias_or_name.lower() for item in select.selects)
    order = select.args.get("order")
    for ordered in order.expressions if order else ():
        column = ordered.this
        if isinstance(column, exp.Column) and not column.table and names[column.name.lower()] > 1:
            raise QueryError(where, f"ORDER BY {column.name}", "Two columns of the result have this name; rename one.")


def _refuse_joins(select: exp.Select, where: str) -> None:
    for join in select.args.get("joins") or ():
        if join.args.get("method"):
            raise QueryError(where, f"{join.args['method']} JOIN", "Write JOIN … ON.")
        shared = {column.name.lower() for column in join.args.get("using") or ()}
        for column in select.find_all(exp.Column):
            if column.table and column.name.lower() in shared:
                raise QueryError(where, f"{column.sql()} after USING", "Write the column without its table.")
