"""Earlier versions of a database's table, as its publications hold them: the column `amperity_version` of a query."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cdp_assets.config.catalog import Table
from cdp_assets.errors import LakeError, QueryError
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import DATABASE_PREFIX, TableName
from cdp_assets.names import VERSION_COLUMN as COLUMN
from cdp_assets.state import publications
from cdp_assets.state.database import State
from cdp_assets.state.publications import Publication

KIND = "bigint"
MOST, OLDEST = 10, dt.timedelta(days=14)
LOOKED_AT = 500
"""Publications among which versions are looked for."""
_NAMED = re.compile(rf"\b{COLUMN}\b", re.IGNORECASE)


@dataclass(frozen=True)
class TableHistory:
    """The versions of one table that a query reads, the newest first, each with the publication that first had it."""

    table: TableName
    versions: Sequence[tuple[int, TableVersion]]

    def spelled(self, lake: Lake, columns: Mapping[str, str]) -> str:
        """Spell the versions as one table with COLUMN, as it stands in Spark's FROM."""
        names = ", ".join(f"`{name}`" for name in columns)
        selects = (
            f"SELECT {names}, CAST({publication} AS BIGINT) AS {COLUMN} FROM {lake.pinned(at)}"
            for publication, at in self.versions
        )
        return f"({' UNION ALL '.join(selects)})"


def asks_for_versions(text: str) -> bool:
    """Say whether SQL names the column that tells versions apart.

    >>> asks_for_versions("SELECT AMPERITY_VERSION FROM t"), asks_for_versions("SELECT amperity_versions FROM t")
    (True, False)
    """
    return _NAMED.search(text) is not None


def history_of(state: State, lake: Lake, publication: Publication, query: Table, where: str) -> TableHistory | None:
    """Give the versions that a query may read; None for a query that asks for none.

    Up to ten, from the fourteen days before its publication; one with other columns or types than the present, or whose
    files are gone, is left out. Raises QueryError for a query of another table too, whose rows would be multiplied.
    """
    if not asks_for_versions(query.sql or ""):
        return None
    if len(query.inputs) != 1 or not query.inputs[0].layer.startswith(DATABASE_PREFIX):
        raise QueryError(where, COLUMN, "It is of one table of a database, alone in its query or joined with itself.")
    table = query.inputs[0]
    with state.read() as conn:
        known = publications.history(conn, publication.environment, LOOKED_AT)
    oldest = publication.created_at - OLDEST
    found: dict[TableVersion, int] = {}
    for one in known:
        if one.id <= publication.id and one.created_at >= oldest and table in one.entries:
            entry = one.entries[table]
            found[TableVersion(entry.path, entry.version)] = one.id
    now = publication.entry(table)
    wanted = _columns(lake, TableVersion(now.path, now.version))
    fitting = [(first, at) for at, first in found.items() if _columns(lake, at) == wanted]
    return TableHistory(table, sorted(fitting, key=lambda one: -one[0])[:MOST])


def _columns(lake: Lake, at: TableVersion) -> dict[str, str] | None:
    try:
        return lake.spark_columns(at)
    except LakeError:
        return None
