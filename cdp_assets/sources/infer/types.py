"""Which type a column's values have, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cdp_assets.config.feed import FieldType
from cdp_assets.semantics import semantic
from cdp_assets.sources.infer.column import SCALE, Column, is_code, squashed

_FLAGS = re.compile(r"^(is|has|was|can|opt)|(flag|optin|optout|optedin|active|enabled|yn)$")
_MOMENTS = re.compile(r"date|time|dt$|dob|birth|day$|at$|on$|created|updated|modified")
MONEY_SCALE = 2


@dataclass(frozen=True)
class TypeFound:
    """A field's type, with what belongs to it."""

    type: FieldType
    reason: str
    pattern: str | None = None
    scale: int = MONEY_SCALE


def type_of(column: Column, tags: tuple[str, ...]) -> TypeFound:
    """Give the type that reads all of a column's values; text where there is any doubt.

    A number that is a name, such as a postal code, is text, and so is one with noughts before it. A decimal whose
    values all end in noughts is a whole number, unless its tag is an amount.
    """
    wanted = next((meaning.type for tag in tags if (meaning := semantic(tag)) is not None), "string")
    if not column.filled:
        kind: FieldType = "date" if wanted == "date!" else "string"
        return TypeFound(kind, "no values")
    if wanted == "string!":
        return TypeFound("string", "its tag asks for text")
    return _moment(column, wanted) or _flag(column, wanted) or _number(column, wanted) or _text(column)


def _moment(column: Column, wanted: str) -> TypeFound | None:
    is_named_so = bool(_MOMENTS.search(squashed(column.incoming))) or wanted in ("date!", "date", "datetime")
    if column.reads("integer") and not (is_named_so and not column.has_own_type):
        return None
    for kind in ("date", "datetime"):
        pattern = None if column.has_own_type else column.pattern_of(kind)
        if pattern is not None or (column.reads(kind) and (kind == "datetime") == column.has_clock):
            return TypeFound(kind, _written(column, kind, pattern), pattern)
    return None


def _written(column: Column, kind: FieldType, pattern: str | None) -> str:
    if pattern is None:
        return f"every value is a {kind}"
    twin = pattern.replace("MM", "?").replace("dd", "MM").replace("?", "dd")
    if twin != pattern and column.reads(kind, twin):
        return f"every value is a {kind} written {pattern}, and would be one written {twin}: check which"
    return f"every value is a {kind} written {pattern}"


def _flag(column: Column, wanted: str) -> TypeFound | None:
    is_named_so = bool(_FLAGS.search(squashed(column.incoming))) or wanted == "boolean"
    if column.reads("boolean") and (is_named_so or not column.reads("integer")):
        return TypeFound("boolean", "every value is a word for true or false")
    return None


def _number(column: Column, wanted: str) -> TypeFound | None:
    names_things = is_code(column.incoming) and wanted in ("string", "any")
    if (names_things or column.has_leading_zeros) and not column.has_own_type:
        return None
    if wanted == "decimal" and column.reads("decimal") and column.scale <= SCALE:
        return TypeFound("decimal", "an amount", scale=max(MONEY_SCALE, column.scale))
    if column.reads("integer"):
        return TypeFound("integer", "every value is a whole number")
    if column.reads("decimal") and column.scale <= SCALE:
        return TypeFound("decimal", "every value is a number", scale=max(MONEY_SCALE, column.scale))
    if column.reads("float"):
        return TypeFound("float", "every value is a number, some very long or with an exponent")
    return None


def _text(column: Column) -> TypeFound:
    nearly = column.nearly()
    if nearly is None:
        return TypeFound("string", "text")
    kind, bad = nearly
    return TypeFound("string", f"text, because {bad:,} of {column.filled:,} values are no {kind}")
