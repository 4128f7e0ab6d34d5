"""What the translator must know of types: families, and the scale of a decimal."""

from __future__ import annotations

from sqlglot import exp

T = exp.DType
INTEGERS = frozenset({T.TINYINT, T.SMALLINT, T.INT, T.BIGINT})
FLOATS = frozenset({T.FLOAT, T.DOUBLE})
TEXTS = frozenset({T.VARCHAR, T.TEXT, T.CHAR})
TIMES = frozenset({T.TIMESTAMP, T.DATETIME, T.TIMESTAMPNTZ})


def kind(node: exp.Expression) -> exp.DType:
    """Give a node's type, UNKNOWN where it could not be inferred."""
    return exp.DType(node.type.this) if node.type is not None else T.UNKNOWN


def is_integer(node: exp.Expression) -> bool:
    """Say whether a node is a whole number."""
    return kind(node) in INTEGERS


def is_float(node: exp.Expression) -> bool:
    """Say whether a node is a floating number."""
    return kind(node) in FLOATS


def is_text(node: exp.Expression) -> bool:
    """Say whether a node is text."""
    return kind(node) in TEXTS


def is_decimal(node: exp.Expression) -> bool:
    """Say whether a node is an exact decimal."""
    return kind(node) is T.DECIMAL


def is_time(node: exp.Expression) -> bool:
    """Say whether a node is a timestamp."""
    return kind(node) in TIMES


def scale_of(node: exp.Expression) -> int:
    """Give the digits after a decimal's point; 0 for whole numbers."""
    if not is_decimal(node) or node.type is None:
        return 0
    sizes = [parameter.this.name for parameter in node.type.expressions]
    return int(sizes[1]) if len(sizes) > 1 else 0
