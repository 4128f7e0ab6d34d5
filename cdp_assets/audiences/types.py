"""What the translator must know of types: the families within which values compare, and a decimal's scale."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

T = exp.DType
INTEGERS = frozenset({T.TINYINT, T.SMALLINT, T.INT, T.BIGINT})
FLOATS = frozenset({T.FLOAT, T.DOUBLE})
TEXTS = frozenset({T.VARCHAR, T.TEXT})
TIMES = frozenset({T.TIMESTAMP, T.DATETIME, T.TIMESTAMPNTZ})
NUMBER, TEXT, TIME, DATE, BOOLEAN, NOTHING = "number", "text", "timestamp", "date", "boolean", "null"


def kind(node: exp.Expr) -> exp.DType:
    """Give a node's type, UNKNOWN where it could not be inferred."""
    return exp.DType(node.type.this) if node.type is not None else T.UNKNOWN


def family(node: exp.Expr) -> str | None:
    """Give the family of a node's type, or nothing where it has none that we know."""
    found = kind(node)
    if found in INTEGERS or found in FLOATS or found is T.DECIMAL:
        return NUMBER
    if found in TEXTS:
        return TEXT
    if found in TIMES:
        return TIME
    return {T.DATE: DATE, T.BOOLEAN: BOOLEAN, T.NULL: NOTHING}.get(found)


def families(nodes: Iterable[exp.Expr]) -> set[str | None]:
    """Give the distinct families of nodes; a NULL fits every one and is left out."""
    return {family(node) for node in nodes} - {NOTHING}


def is_integer(node: exp.Expr) -> bool:
    """Say whether a node is a whole number."""
    return kind(node) in INTEGERS


def is_float(node: exp.Expr) -> bool:
    """Say whether a node is a floating number."""
    return kind(node) in FLOATS


def is_decimal(node: exp.Expr) -> bool:
    """Say whether a node is an exact decimal."""
    return kind(node) is T.DECIMAL
