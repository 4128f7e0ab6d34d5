"""Refuses what the parser lets through and Presto does not."""

from __future__ import annotations

import itertools

import sqlglot
from sqlglot import exp
from sqlglot.tokenizer_core import TokenType

from cdp_assets.errors import QueryError

AFTER_NO_COMMA = frozenset((TokenType.FROM, TokenType.R_PAREN, TokenType.WHERE, TokenType.GROUP_BY, TokenType.ORDER_BY))


def refuse_lenient(tree: exp.Query, text: str, where: str) -> None:
    """Raise QueryError for a trailing comma, which the parser takes and Presto does not."""
    tokens = sqlglot.tokenize(text, read="trino")
    for token, following in itertools.pairwise([*tokens, None]):
        ends = following is None or following.token_type in AFTER_NO_COMMA
        if token is not None and token.token_type is TokenType.COMMA and ends:
            raise QueryError(f"{where}, line {token.line}", "a trailing comma", "Remove it.")
