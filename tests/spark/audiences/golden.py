"""The golden set: queries with Trino's own answers, and the rules by which two answers are equal."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import json
import math
from pathlib import Path
from typing import Any

import pyarrow as pa

DATA = Path(__file__).parents[2] / "data" / "presto"
SPARK_TYPES = {"varchar": "string", "timestamp(3)": "timestamp"}


def cases() -> list[dict[str, Any]]:
    """Give every case."""
    found: list[dict[str, Any]] = json.loads((DATA / "cases.json").read_text())
    return found


def tables() -> dict[str, tuple[dict[str, str], pa.Table]]:
    """Give each golden table: its columns' Spark types, and its rows."""
    found = {}
    for table in json.loads((DATA / "tables" / "schema.json").read_text()):
        types = {column["name"]: SPARK_TYPES.get(column["type"], column["type"]) for column in table["columns"]}
        rows = json.loads((DATA / "tables" / f"{table['name']}.json").read_text())
        rows = rows["rows"] if isinstance(rows, dict) else rows
        if rows and isinstance(rows[0], dict):
            rows = [[row[name] for name in types] for row in rows]
        columns = [
            pa.array([_read(row[at], kind) for row in rows], _arrow(kind)) for at, kind in enumerate(types.values())
        ]
        found[table["name"]] = (types, pa.table(columns, names=list(types)))
    return found


def _arrow(kind: str) -> pa.DataType:
    if kind.startswith("decimal"):
        precision, scale = kind.removeprefix("decimal(").removesuffix(")").split(",")
        return pa.decimal128(int(precision), int(scale))
    return {
        "string": pa.string(),
        "date": pa.date32(),
        "timestamp": pa.timestamp("us", "UTC"),
        "bigint": pa.int64(),
        "integer": pa.int32(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
    }[kind]


def _read(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "date":
        return dt.date.fromisoformat(value)
    if kind == "timestamp":
        return dt.datetime.fromisoformat(value.replace(" UTC", "")).replace(tzinfo=dt.UTC)
    return decimal.Decimal(value) if kind.startswith("decimal") else value


FAMILIES = {
    "boolean": ("bool",),
    "tinyint": ("int",), "smallint": ("int",), "integer": ("int",), "bigint": ("int",),
    "real": ("float", "double"), "double": ("float", "double"),
    "decimal": ("decimal",),
    "varchar": ("string",), "char": ("string",), "json": ("string",), "uuid": ("string",),
    "varbinary": ("binary",), "date": ("date",), "timestamp": ("timestamp",),
    "array": ("list",), "map": ("map",), "row": ("struct",), "time": ("time",), "interval": ("duration", "month"),
}  # fmt: skip


def difference(case: dict[str, Any], answer: pa.Table) -> str | None:
    """Say how an answer differs from Trino's, or nothing when they are equal by the golden set's rules."""
    columns = case["columns"]
    if len(columns) != answer.num_columns:
        return f"{answer.num_columns} columns instead of {len(columns)}"
    got = [[_plain(value) for value in column.to_pylist()] for column in answer.columns]
    for column, field, values in zip(columns, answer.schema, got, strict=True):
        family = column["type"].split("(")[0].split(" ")[0]
        known = any(value is not None for value in values) and family != "unknown"
        if known and not any(part in str(field.type) for part in FAMILIES.get(family, (family,))):
            return f"{column['name']}: {field.type} instead of {column['type']}"
    rows = [list(row) for row in zip(*got, strict=True)] if got else []
    if case.get("compare") == "shape":
        return None if len(rows) == len(case["rows"]) else f"{len(rows)} rows instead of {len(case['rows'])}"
    return _rows_differ(case, rows)


def _rows_differ(case: dict[str, Any], rows: list[list[Any]]) -> str | None:
    wanted = case["rows"]
    if len(wanted) != len(rows):
        return f"{len(rows)} rows instead of {len(wanted)}"
    types = [column["type"] for column in case["columns"]]
    if not case.get("ordered"):
        key = _sort_key
        wanted, rows = sorted(wanted, key=key), sorted(rows, key=key)
    for want, got in zip(wanted, rows, strict=True):
        for value, other, kind in zip(want, got, types, strict=True):
            if not _equal(value, other, kind, case.get("tolerance")):
                return f"{other!r} instead of {value!r}"
    return None


def _sort_key(row: list[Any]) -> tuple[str, ...]:
    return tuple(_spelled(value) for value in row)


def _spelled(value: Any) -> str:
    try:
        return f"n{round(float(value), 6):030.6f}"
    except (TypeError, ValueError):
        return f"s{value}"


def _plain(value: Any) -> Any:
    """Spell a value of an answer as the golden set spells it."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat(" ", "milliseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, decimal.Decimal):
        return str(value)
    if isinstance(value, dict):
        return [_plain(part) for part in value.values()]
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def _equal(want: Any, got: Any, kind: str, tolerance: float | None) -> bool:
    if want is None or got is None:
        return want is got
    family = kind.split("(")[0]
    if family in ("double", "real"):
        one, other = float(want), float(got)
        if math.isnan(one) or math.isnan(other):
            return math.isnan(one) and math.isnan(other)
        allowed = tolerance * max(1, abs(one)) if tolerance else (1e-6 if family == "real" else 1e-9) * abs(one) + 1e-12
        return one == other or abs(one - other) <= allowed
    if family == "decimal" or (isinstance(want, int) and not isinstance(want, bool)):
        one, other = decimal.Decimal(str(want)), decimal.Decimal(str(got))
        return one == other or (
            tolerance is not None and abs(one - other) <= decimal.Decimal(tolerance) * max(1, abs(one))
        )
    if family.startswith("timestamp"):
        return _instant(want) == _instant(got)
    return bool(want == got)


def _instant(text: str) -> str:
    plain = text.replace(" UTC", "").replace("T", " ")
    moment = dt.datetime.fromisoformat(plain)
    return (moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment).isoformat(" ", "milliseconds")
