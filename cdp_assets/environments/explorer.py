"""Explores published tables without Spark: rows, types, how full each column is, its values and the common ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa
import pyarrow.types as is_

from cdp_assets.config.catalog import Catalog
from cdp_assets.environments.columns import Columns
from cdp_assets.environments.lineage import UnclearError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.arrow import plain_type, spark_type
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.names import TableName
from cdp_assets.security.obfuscation import mask
from cdp_assets.state.publications import Entry

FEW = 100
"""Up to how many values of a column its common ones say something."""
MOST_COMMON = 3


@dataclass(frozen=True)
class ExploredColumn:
    """One column of a table."""

    name: str
    type: str
    filled: int
    """Rows that have a value."""
    distinct: int
    """How many values there are, about; of a list or a map, how many there are of them."""
    personal: bool
    common: tuple[tuple[str, int], ...] = ()
    """Common values with their rows; of a personal column, their shapes."""


@dataclass(frozen=True)
class ExploredTable:
    """One table as it is published."""

    name: str
    description: str
    version: int
    rows: int
    columns: tuple[ExploredColumn, ...]
    reads: tuple[str, ...]
    read_by: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)


def explored(
    lake: Lake, catalog: Catalog, entry: Entry, personal: frozenset[str], *, common: bool = True
) -> ExploredTable:
    """Look at one published table; each column is read once, and once more where it has `common` values to show."""
    path = lake.absolute(entry.path)
    schema = delta.schema(path, entry.version)
    counts = delta.sql(path, f"SELECT COUNT(*) AS n, {_counting(schema)} FROM t", entry.version).to_pylist()[0]
    columns = []
    for at, field in enumerate(schema):
        few = common and 0 < counts[f"d{at}"] <= FEW and not is_.is_nested(field.type)
        shown = common_values(lake, entry, field.name, field.name in personal, MOST_COMMON) if few else ()
        kind = spark_type(plain_type(field.type))
        found = ExploredColumn(field.name, kind, counts[f"f{at}"], counts[f"d{at}"], field.name in personal, shown)
        columns.append(found)
    table = catalog.tables[entry.table]
    return ExploredTable(
        name=str(entry.table),
        description=table.description,
        version=entry.version,
        rows=counts["n"],
        columns=tuple(columns),
        reads=tuple(map(str, table.inputs)),
        read_by=tuple(sorted(str(one.name) for one in catalog.tables.values() if entry.table in one.inputs)),
    )


def _counting(schema: pa.Schema) -> str:
    """Count each column's values and about how many different ones; floats have no sketch."""
    found = []
    for at, field in enumerate(schema):
        quoted = _quoted(field.name)
        distinct = f"COUNT(DISTINCT {quoted})" if is_.is_floating(field.type) else f"APPROX_DISTINCT({quoted})"
        found.append(f"COUNT({quoted}) AS f{at}, {distinct} AS d{at}")
    return ", ".join(found)


def common_values(lake: Lake, entry: Entry, column: str, personal: bool, most: int) -> tuple[tuple[str, int], ...]:
    """Give a column's most common values with their rows, the commonest first; of a personal one, their shapes."""
    quoted = _quoted(column)
    query = (
        f"SELECT {quoted} AS value, COUNT(*) AS n FROM t WHERE {quoted} IS NOT NULL "
        f"GROUP BY {quoted} ORDER BY n DESC, value LIMIT {most}"
    )
    found = delta.sql(lake.absolute(entry.path), query, entry.version).to_pylist()
    return tuple((str(mask(row["value"]) if personal else row["value"]), row["n"]) for row in found)


def origins(columns: Columns, name: TableName, column: str) -> list[str]:
    """Give the columns of other tables that one is made of, `layer.name.column`; nothing where that cannot be told."""
    try:
        return columns.shape(name).origins(column)
    except (UnclearError, KeyError):
        return []


def uses(columns: Columns, name: TableName, column: str) -> list[str]:
    """Give the columns of other tables and queries that are made of one."""
    wanted = f"{name}.{column}"
    readers = [one for one in columns.catalog.tables.values() if name in one.inputs]
    return sorted(f"{one.name}.{made}" for one in readers for made in _made_of(columns, one.name, wanted))


def _made_of(columns: Columns, reader: TableName, wanted: str) -> Iterable[str]:
    try:
        shape = columns.shape(reader)
    except UnclearError:
        return []
    return [made for made in shape.outputs if wanted in shape.origins(made)]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
