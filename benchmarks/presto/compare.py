"""When two answers are equal: the rules of the golden set, whose values are spelled as JSON."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import json
import math
import re
from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from benchmarks.presto.golden import Case

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
WHOLE, EXACT, FLOATING = ("tinyint", "smallint", "integer", "bigint"), ("decimal",), ("real", "double")
TEXT = ("varchar", "char", "json", "uuid")
NEAR_ZERO = 1e-12

Row = Sequence[Any]


def difference(case: Case, answer: pa.Table) -> str | None:
    """Say how an answer differs from Trino's, or nothing when they are equal by the golden set's rules."""
    columns, wanted = case["columns"], case["rows"]
    if len(columns) != answer.num_columns:
        return f"{answer.num_columns} columns instead of {len(columns)}"
    for at, (column, field) in enumerate(zip(columns, answer.schema, strict=True)):
        if not column["name"].startswith("_col") and column["name"].lower() != field.name.lower():
            return f"a column {field.name} instead of {column['name']}"
        if any(row[at] is not None for row in wanted) and not _fits(column["type"], field.type):
            return f"{column['name']}: {field.type} instead of {column['type']}"
    if len(wanted) != answer.num_rows:
        return f"{answer.num_rows} rows instead of {len(wanted)}"
    if case.get("compare") == "shape":
        return None
    rows = list(zip(*(column.to_pylist() for column in answer.columns), strict=True)) if columns else []
    equal = _row_equality([column["type"] for column in columns], case.get("tolerance"))
    return _rows_differ(wanted, rows, equal, ordered=bool(case.get("ordered")))


def _rows_differ(
    wanted: Sequence[Row], rows: Sequence[Row], equal: Callable[[Row, Row], bool], *, ordered: bool
) -> str | None:
    """Compare in order, or as bags: each wanted row takes the first row left that equals it."""
    left = list(rows)
    for want in wanted:
        candidates = range(len(left)) if not ordered else range(1)
        found = next((at for at in candidates if equal(want, left[at])), None)
        if found is None:
            return f"no row {want!r}; instead {left[0]!r}"
        left.pop(found)
    return None


def _row_equality(types: Sequence[str], tolerance: float | None) -> Callable[[Row, Row], bool]:
    def equal(want: Row, got: Row) -> bool:
        return all(_equal(one, other, kind, tolerance) for one, other, kind in zip(want, got, types, strict=True))

    return equal


def _parts(kind: str) -> tuple[str, list[str]]:
    """Give a type's name and what stands between its brackets: `map(varchar, row(a integer))` has two parts."""
    name, bracket, rest = kind.partition("(")
    if not bracket or name.startswith(("timestamp", "time", "interval")):
        return name.split(" ")[0], []
    found, depth = [""], 0
    for letter in rest[: rest.rindex(")")]:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            found.append("")
        else:
            found[-1] += letter
    return name.strip(), [part.strip() for part in found]


def _field_type(part: str) -> str:
    """Give the type of a row's field, which may have a name before it."""
    name, _, rest = part.partition(" ")
    named = rest and "(" not in name and not rest.startswith("with ") and name not in ("interval",)
    return rest if named else part


def _fits(kind: str, found: pa.DataType) -> bool:
    """Say whether an Arrow type is of the family of Trino's type."""
    name, parts = _parts(kind)
    if name == "unknown":
        return True
    if name == "array":
        return pa.types.is_list(found) and _fits(parts[0], found.value_type)
    if name == "map":
        return pa.types.is_map(found) and _fits(parts[0], found.key_type) and _fits(parts[1], found.item_type)
    if name == "row":
        fields = [found.field(at).type for at in range(found.num_fields)] if pa.types.is_struct(found) else []
        return len(fields) == len(parts) and all(map(_fits, map(_field_type, parts), fields))
    return pa.types.is_null(found) or _scalar_fits(name, found)


def _scalar_fits(name: str, found: pa.DataType) -> bool:
    kinds = pa.types
    tests: dict[str, Callable[[pa.DataType], bool]] = {
        "boolean": kinds.is_boolean,
        **dict.fromkeys(WHOLE, kinds.is_integer),
        **dict.fromkeys(FLOATING, kinds.is_floating),
        **dict.fromkeys(EXACT, kinds.is_decimal),
        **dict.fromkeys(TEXT, lambda kind: kinds.is_string(kind) or kinds.is_large_string(kind)),
        "varbinary": lambda kind: kinds.is_binary(kind) or kinds.is_large_binary(kind),
        "date": kinds.is_date,
        "timestamp": kinds.is_timestamp,
        "time": kinds.is_time,
        "interval": lambda kind: kinds.is_duration(kind) or kinds.is_interval(kind),
    }
    return name in tests and tests[name](found)


def _equal(want: Any, got: Any, kind: str, tolerance: float | None) -> bool:
    """Compare a value of the golden set with a value of an answer."""
    if want is None or got is None:
        return want is got
    name, parts = _parts(kind)
    if name == "array":
        return len(want) == len(got) and all(_equal(a, b, parts[0], tolerance) for a, b in zip(want, got, strict=True))
    if name == "row":
        types, values = map(_field_type, parts), list(got.values())
        return len(want) == len(values) and all(
            _equal(a, b, type_, tolerance) for a, b, type_ in zip(want, values, types, strict=True)
        )
    if name == "map":
        found = {_key(key): value for key, value in (got.items() if isinstance(got, dict) else got)}
        wanted = {_key(key): value for key, value in want.items()}
        return wanted.keys() == found.keys() and all(
            _equal(value, found[key], parts[1], tolerance) for key, value in wanted.items()
        )
    return _scalars_equal(want, got, name, tolerance)


def _key(value: Any) -> str:
    """Spell a map's key as JSON spells it; numbers by their value."""
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    try:
        return str(decimal.Decimal(text).normalize())
    except decimal.InvalidOperation:
        return text


def _scalars_equal(want: Any, got: Any, name: str, tolerance: float | None) -> bool:
    if name in FLOATING:
        return _close(float(want), float(got), tolerance, 1e-6 if name == "real" else 1e-9)
    if name in (*WHOLE, *EXACT):
        one, other = decimal.Decimal(str(want)), decimal.Decimal(str(got))
        return one == other or (tolerance is not None and _close(float(one), float(other), tolerance, 0))
    if name == "varbinary":
        return base64.b64decode(want) == got
    if name == "json":
        return bool(json.loads(want) == json.loads(got))
    if name == "timestamp":
        return _instant(want) == (got if got.tzinfo else got.replace(tzinfo=dt.UTC))
    if name == "date":
        return bool(want == got.isoformat())
    if name == "time":
        return dt.time.fromisoformat(want) == got
    return _interval(want) == _interval(got) if name == "interval" else bool(want == got)


def _close(one: float, other: float, tolerance: float | None, relative: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    allowed = tolerance * max(1, abs(one)) if tolerance else max(relative * abs(one), NEAR_ZERO)
    return one == other or abs(one - other) <= allowed


def _instant(text: str) -> dt.datetime:
    """Give the moment of `2024-01-01 12:00:00[.123] [America/New_York | +09:00 | UTC]`."""
    date, time, *zones = text.split(" ")
    zone = zones[0] if zones else "UTC"
    if zone[0] in "+-":
        return dt.datetime.fromisoformat(f"{date}T{time}{zone}")
    return dt.datetime.fromisoformat(f"{date}T{time}").replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC)


def _interval(value: Any) -> Any:
    """Give an interval as microseconds, or as months where it is of years and months."""
    if isinstance(value, dt.timedelta):
        return value // dt.timedelta(microseconds=1)
    if not isinstance(value, str):
        return ("months", getattr(value, "months", value))
    if found := re.fullmatch(r"(-?)(\d+)-(\d+)", value):
        sign, years, months = found.groups()
        return ("months", (-1 if sign else 1) * (12 * int(years) + int(months)))
    sign, days, hours, minutes, seconds, part = re.fullmatch(r"(-?)(\d+) (\d+):(\d+):(\d+)\.(\d+)", value).groups()  # type: ignore[union-attr]
    whole = ((int(days) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
    return (-1 if sign else 1) * (whole * 10**6 + int(part.ljust(6, "0")))
