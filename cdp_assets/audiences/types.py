"""Presto's types: how they are spelled, which value becomes which, and the Spark type that holds each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

MAX_PRECISION = 38
WHOLE: Mapping[str, int] = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
"""Whole numbers, smallest first, and the digits of the decimal that holds each."""
FLOATS = ("real", "double")
WITH_ZONE = "timestamp with time zone"
DAY_TIME, YEAR_MONTH = "interval day to second", "interval year to month"
DEFAULT_FRACTION = 3
"""Digits after the second of a timestamp that does not say."""
ALIASES = {"int": "integer", "string": "varchar", "float": "real", "long": "bigint", "short": "smallint",
           "byte": "tinyint", "binary": "varbinary", "struct": "row", "void": "unknown",
           "timestamp_ntz": "timestamp"}  # fmt: skip


@dataclass(frozen=True)
class Type:
    """A type: `decimal` has numbers (precision, scale), `array`, `map`, `row` and `function` have parts."""

    name: str
    parts: tuple[Type, ...] = ()
    numbers: tuple[int, ...] = ()
    fields: tuple[str | None, ...] = ()
    zone: str | None = None
    """The zone in which every value of a `timestamp with time zone` is told, where it is known to be one."""

    def __str__(self) -> str:
        """Spell it as Presto does."""
        if self.name == "row":
            named = (
                f"{name} {part}" if name else str(part) for name, part in zip(self.fields, self.parts, strict=True)
            )
            return f"row({', '.join(named)})"
        inner = ", ".join(map(str, self.parts or self.numbers))
        if self.name.startswith("timestamp") and inner:
            return self.name.replace("timestamp", f"timestamp({inner})")
        return f"{self.name}({inner})" if inner else self.name

    @property
    def precision(self) -> int:
        """Digits of a number that is exact; digits after the second of a timestamp."""
        return WHOLE.get(self.name) or (self.numbers[0] if self.numbers else DEFAULT_FRACTION)

    @property
    def scale(self) -> int:
        """Digits after the point of a number that is exact."""
        return self.numbers[1] if self.name == "decimal" else 0

    @property
    def element(self) -> Type:
        """The type of an array's elements."""
        return self.parts[0]


def decimal(precision: int, scale: int) -> Type:
    """Give the type of exact numbers of so many digits."""
    return Type("decimal", numbers=(min(precision, MAX_PRECISION), scale))


def array(element: Type) -> Type:
    """Give the type of arrays."""
    return Type("array", (element,))


def row(*parts: Type, fields: tuple[str | None, ...] = ()) -> Type:
    """Give the type of rows."""
    return Type("row", parts, fields=fields or (None,) * len(parts))


BOOLEAN, INTEGER, BIGINT, REAL, DOUBLE = map(Type, ("boolean", "integer", "bigint", "real", "double"))
VARCHAR, VARBINARY, DATE, JSON, UNKNOWN = map(Type, ("varchar", "varbinary", "date", "json", "unknown"))
TIMESTAMP, TIMESTAMP_ZONE = Type("timestamp", numbers=(3,)), Type(WITH_ZONE, numbers=(3,))

_TOKEN = re.compile(r"\s*([a-zA-Z_][\w$]*|\"[^\"]*\"|\d+|[(),<>:])")
_LONG = re.compile(r"(interval|with|to|time|zone|day|second|year|month)", re.IGNORECASE)


def parse(text: str) -> Type:
    """Read a type as Presto or Spark spells it.

    >>> str(parse("struct<a:int,b:array<string>>"))
    'row(a integer, b array(varchar))'
    >>> str(parse("map(varchar(3), timestamp(6) with time zone)"))
    'map(varchar(3), timestamp(6) with time zone)'
    """
    return _Reader(_TOKEN.findall(text)).type()


class _Reader:
    """Reads a type from its words, first word first."""

    def __init__(self, words: list[str]) -> None:
        self.words, self.at = [*words, ""], 0

    def taken(self, *expected: str) -> bool:
        """Go on when the next word is one of these."""
        found = self.words[self.at].lower() in expected
        self.at += found
        return found

    def word(self) -> str:
        """Give the next word."""
        self.at += 1
        return self.words[self.at - 1]

    def type(self) -> Type:
        """Read one type."""
        name = self.word().lower()
        name = ALIASES.get(name, name)
        if name == "interval":
            return Type(f"interval {' '.join(self._rest_of_interval())}")
        if name == "double":
            self.taken("precision")
        found = self._with_parts(name) if self.taken("(", "<") else Type(name)
        if name in ("timestamp", "time") and self.taken("with"):
            self.at += len(("time", "zone"))
            found = replace(found, name=f"{name} with time zone")
        return _complete(found)

    def _rest_of_interval(self) -> list[str]:
        found = []
        while _LONG.fullmatch(self.words[self.at]):
            found.append(self.word().lower())
        return found

    def _with_parts(self, name: str) -> Type:
        parts: list[Type] = []
        fields: list[str | None] = []
        numbers: list[int] = []
        while not self.taken(")", ">"):
            if self.words[self.at].isdigit():
                numbers.append(int(self.word()))
            else:
                fields.append(self._field(name))
                parts.append(self.type())
            self.taken(",")
        return Type(name, tuple(parts), tuple(numbers), tuple(fields) if name == "row" else ())

    def _field(self, name: str) -> str | None:
        """Read a row's field name, where there is one: two words before the next comma or bracket."""
        following = self.words[self.at + 1]
        first = self.words[self.at].lower()
        if (
            name != "row"
            or following in (",", ")", ">", "(", "<")
            or first in ("timestamp", "time", "interval", "double")
        ):
            return None
        found = self.word().strip('"')
        self.taken(":")
        return found


def _complete(found: Type) -> Type:
    """Say what a type that is spelled short means."""
    if found.name == "decimal":
        return decimal(*(found.numbers or (MAX_PRECISION,)), *((0,) if len(found.numbers) < len("ps") else ()))
    if found.name in ("timestamp", WITH_ZONE, "time") and not found.numbers:
        return replace(found, numbers=(DEFAULT_FRACTION,))
    return replace(found, numbers=(1,)) if found.name == "char" and not found.numbers else found


def spark(kind: Type) -> str:
    """Spell the Spark type that holds a type's values."""
    if kind.name == "decimal":
        return f"DECIMAL({kind.precision},{kind.scale})"
    if kind.name == "array":
        return f"ARRAY<{spark(kind.element)}>"
    if kind.name == "map":
        return f"MAP<{spark(kind.parts[0])},{spark(kind.parts[1])}>"
    if kind.name == "row":
        fields = zip(field_names(kind), kind.parts, strict=True)
        return f"STRUCT<{','.join(f'`{name}`:{spark(part)}' for name, part in fields)}>"
    return SPARK_NAMES[kind.name]


SPARK_NAMES: Mapping[str, str] = {
    **{"boolean": "BOOLEAN", "tinyint": "TINYINT", "smallint": "SMALLINT", "integer": "INT", "bigint": "BIGINT"},
    **{"real": "FLOAT", "double": "DOUBLE", "date": "DATE", "timestamp": "TIMESTAMP", WITH_ZONE: "TIMESTAMP"},
    **dict.fromkeys(("varchar", "char", "json", "uuid"), "STRING"),
    **{"varbinary": "BINARY", DAY_TIME: "INTERVAL DAY TO SECOND", YEAR_MONTH: "INTERVAL YEAR TO MONTH"},
    **{"time": "TIMESTAMP", "unknown": "VOID"},
}


def field_names(kind: Type) -> list[str]:
    """Name a row's fields; those without a name by their place, and a name that comes twice as well."""
    found: list[str] = []
    for at, name in enumerate(kind.fields):
        plain = (name or "").lower().replace("`", "")
        found.append(plain if plain and plain not in found else f"field{at}")
    return found


def is_whole(kind: Type) -> bool:
    """Say whether values are whole numbers."""
    return kind.name in WHOLE


def is_exact(kind: Type) -> bool:
    """Say whether values are whole numbers or decimals."""
    return is_whole(kind) or kind.name == "decimal"


def is_float(kind: Type) -> bool:
    """Say whether values are floating numbers."""
    return kind.name in FLOATS


def is_number(kind: Type) -> bool:
    """Say whether values are numbers."""
    return is_exact(kind) or is_float(kind)


def is_text(kind: Type) -> bool:
    """Say whether values are text."""
    return kind.name in ("varchar", "char")


def as_decimal(kind: Type) -> Type:
    """Give the decimal type that holds an exact type's values."""
    return kind if kind.name == "decimal" else decimal(kind.precision, 0)


def common(one: Type, other: Type) -> Type | None:
    """Give the type to which both become by themselves, or nothing: Presto does not make text of a number."""
    if one == other or other.name == "unknown":
        return one
    if one.name == "unknown":
        return other
    if one.name == other.name:
        return _common_of_kind(one, other)
    if is_number(one) and is_number(other):
        return common_number(one, other)
    ordered = sorted((one, other), key=lambda kind: COERCIBLE.index(kind.name) if kind.name in COERCIBLE else -1)
    if {one.name, other.name} == {"char", "varchar"}:
        char, text = sorted((one, other), key=lambda kind: kind.name)
        return replace(char, numbers=(max(char.numbers[0], *text.numbers),)) if text.numbers else char
    if all(kind.name in COERCIBLE for kind in ordered):
        fraction = max(kind.numbers[0] if kind.numbers else 0 for kind in ordered)
        zone = (
            "UTC" if ordered[1].zone is None and ordered[1].name == WITH_ZONE and ordered[0].zone else ordered[1].zone
        )
        return replace(ordered[1], numbers=(fraction,), zone=zone)
    return None


COERCIBLE = ("date", "timestamp", WITH_ZONE)


def _common_of_kind(one: Type, other: Type) -> Type | None:
    """Give the common type of two of one name."""
    if one.name == "decimal":
        return _common_decimal(one, other)
    if one.parts or other.parts:
        if len(one.parts) != len(other.parts):
            return None
        parts = [common(a, b) for a, b in zip(one.parts, other.parts, strict=True)]
        fields = tuple(a if a == b else None for a, b in zip(one.fields, other.fields, strict=True))
        found = tuple(part for part in parts if part is not None)
        return replace(one, parts=found, fields=fields) if len(found) == len(parts) else None
    longest = tuple(map(max, zip(one.numbers, other.numbers, strict=True))) if one.numbers and other.numbers else ()
    return replace(one, numbers=longest, zone=one.zone if one.zone == other.zone else None)


def _common_decimal(one: Type, other: Type) -> Type:
    scale = max(one.scale, other.scale)
    return decimal(max(one.precision - one.scale, other.precision - other.scale) + scale, scale)


def common_number(one: Type, other: Type) -> Type:
    """Give the type to which two numbers become."""
    if is_float(one) or is_float(other):
        return DOUBLE if "double" in (one.name, other.name) else REAL
    if is_whole(one) and is_whole(other):
        return max(one, other, key=lambda kind: kind.precision)
    return _common_decimal(as_decimal(one), as_decimal(other))


def becomes(one: Type, other: Type) -> bool:
    """Say whether a value of one type becomes a value of the other by itself."""
    found = common(one, other)
    if found is None:
        return False
    if one.name == "decimal" and other.name == "decimal":
        return found == other
    if found.parts:
        return all(becomes(a, b) for a, b in zip(one.parts, other.parts, strict=True))
    return found.name == other.name
