"""A golden set: queries with Trino's own answers, and the tables that they read."""

from __future__ import annotations

import datetime as dt
import decimal
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

SPARK_TYPES = {"varchar": "string", "timestamp(3)": "timestamp"}
ARROW_TYPES = {
    "string": pa.string(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "bigint": pa.int64(),
    "integer": pa.int32(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
}

Case = Mapping[str, Any]
"""name, group and sql; then columns, rows and ordered, or the error of a query that Trino refuses."""


@dataclass(frozen=True)
class Golden:
    """A folder with `cases.json` and `tables/`."""

    folder: Path

    def cases(self, group: str | None = None) -> list[Case]:
        """Give every case, or those of one group."""
        found: list[Case] = json.loads((self.folder / "cases.json").read_text())
        return [case for case in found if group in (None, case["group"])]

    def tables(self) -> dict[str, tuple[dict[str, str], pa.Table]]:
        """Give each table: its columns' Spark types, and its rows."""
        schema = json.loads((self.folder / "tables" / "schema.json").read_text())
        return {table["name"]: self._table(table) for table in schema}

    def _table(self, table: Mapping[str, Any]) -> tuple[dict[str, str], pa.Table]:
        types = {column["name"]: SPARK_TYPES.get(column["type"], column["type"]) for column in table["columns"]}
        rows = json.loads((self.folder / "tables" / f"{table['name']}.json").read_text())
        rows = rows["rows"] if isinstance(rows, dict) else rows
        if rows and isinstance(rows[0], dict):
            rows = [[row[name] for name in types] for row in rows]
        columns = [
            pa.array([_read(row[at], kind) for row in rows], _arrow(kind)) for at, kind in enumerate(types.values())
        ]
        return types, pa.table(columns, names=list(types))


def _arrow(kind: str) -> pa.DataType:
    if kind.startswith("decimal"):
        precision, scale = kind.removeprefix("decimal(").removesuffix(")").split(",")
        return pa.decimal128(int(precision), int(scale))
    return ARROW_TYPES[kind]


def _read(value: Any, kind: str) -> Any:
    if value is None:
        return None
    if kind == "date":
        return dt.date.fromisoformat(value)
    if kind == "timestamp":
        return dt.datetime.fromisoformat(value.replace(" UTC", "")).replace(tzinfo=dt.UTC)
    return decimal.Decimal(value) if kind.startswith("decimal") else value
