"""Presto's grammar: functions keep the names and arguments that were written; our rules give them meaning."""

from __future__ import annotations

from sqlglot import exp
from sqlglot.dialects.trino import Trino
from sqlglot.parsers.trino import TrinoParser

SPECIAL = (
    "CAST", "TRY_CAST", "EXTRACT", "TRIM", "SUBSTRING", "POSITION", "LISTAGG", "JSON_VALUE", "JSON_QUERY",
    "JSON_OBJECT", "NORMALIZE",
)  # fmt: skip
"""Functions whose arguments are not a plain list."""


TYPED = "typed"
"""Marks a literal with its type before it, such as DATE '2024-01-31'; the parser takes it for a cast."""


def _typed(parser: TrinoParser, this: exp.Expr, kind: exp.DataType) -> exp.Expr:
    found = exp.Cast(this=this, to=kind)
    found.meta[TYPED] = True
    return found


class PrestoParser(TrinoParser):
    """Parses every other function as a name and its arguments."""

    FUNCTIONS = {}  # noqa: RUF012 - as in the class it extends
    TYPE_LITERAL_PARSERS = {  # noqa: RUF012
        **dict.fromkeys(exp.DType, _typed),
        exp.DType.JSON: TrinoParser.TYPE_LITERAL_PARSERS[exp.DType.JSON],
    }
    FUNCTION_PARSERS = {name: TrinoParser.FUNCTION_PARSERS[name] for name in SPECIAL}  # noqa: RUF012


class Presto(Trino):
    """The dialect of analysts' queries."""

    INDEX_OFFSET = 0
    Parser = PrestoParser
