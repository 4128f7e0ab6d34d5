"""One side of a comparison: an environment's current publication, read without Spark."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import polars as pl

from cdp_assets.config.catalog import Catalog, build_catalog
from cdp_assets.config.table_keys import Key, likely_keys
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.revision import active_tenant, tenant_of_revision
from cdp_assets.environments.runs import current_publication
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName
from cdp_assets.security.personal import personal_columns
from cdp_assets.state import query_results
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry, Publication
from cdp_assets.state.query_results import QueryResult, ResultKey

BUCKETS = 1 << 32
At = Entry | QueryResult


@dataclass(frozen=True)
class Side:
    """What the readers of an environment see, and its configuration."""

    state: State
    root: Path
    """The lake's."""
    environment: str
    publication: Publication
    tenant: Tenant
    """The active one, by which queries are answered and exports made."""
    made_by: Tenant
    """The one by which the publication was made; another one where the next run is still to come."""
    _schemas: dict[tuple[str, int], pl.Schema] = field(default_factory=dict)

    @classmethod
    def current(cls, state: State, root: Path, environment: str) -> Side:
        """Give what readers of an environment see now; raises StateError where nothing is published."""
        return cls.of(state, root, current_publication(state, environment))

    @classmethod
    def of(cls, state: State, root: Path, publication: Publication) -> Side:
        """Give what readers of a publication saw."""
        with state.read() as conn:
            made_by = tenant_of_revision(conn, publication.revision_id)
        assert made_by is not None  # noqa: S101 - a publication names its revision
        active = active_tenant(state, publication.environment)
        return cls(state, root, publication.environment, publication, active[1] if active else made_by, made_by)

    @cached_property
    def catalogs(self) -> tuple[Catalog, ...]:
        """The tables of both configurations, the active one's first."""
        tenants = (self.tenant,) if self.tenant == self.made_by else (self.tenant, self.made_by)
        return tuple(build_catalog(tenant) for tenant in tenants)

    @cached_property
    def fingerprints(self) -> Mapping[TableName, str]:
        """The fingerprint of every table of the active configuration."""
        return fingerprints(self.tenant)

    def schema(self, at: At) -> pl.Schema:
        """Give the columns of a table's version."""
        place = at.path, at.version
        if place not in self._schemas:
            self._schemas[place] = pl.DataFrame(delta.schema(self.root / at.path, at.version).empty_table()).schema
        return self._schemas[place]

    def count(self, at: At) -> int:
        """Give the rows of a table's version."""
        return delta.count(self.root / at.path, at.version)

    def rows(self, at: At, columns: Sequence[str], sql_where: str | None = None) -> pl.DataFrame:
        """Give some columns of a table's version, or of the rows that a condition of ours keeps."""
        if not columns:
            return pl.DataFrame(height=self.count(at))
        return pl.DataFrame(delta.read(self.root / at.path, at.version, columns=columns, sql_where=sql_where))

    def personal(self, table: TableName, columns: Sequence[str]) -> frozenset[str]:
        """Give those of a table's columns that must not be shown as they are, by either configuration."""
        known = _Columns(self, table, columns)
        return frozenset().union(*(personal_columns(catalog, table, known) for catalog in self.catalogs))

    def keys(self, table: TableName) -> list[Key]:
        """Give the keys that a table may have, the likeliest first."""
        known = [catalog.tables[table] for catalog in self.catalogs if table in catalog.tables]
        return [key for found in known for key in likely_keys(found)]

    def answer(self, query: str) -> QueryResult | None:
        """Give the kept answer of a query for this publication, or nothing."""
        fingerprint = self.fingerprints.get(TableName("query", query))
        if fingerprint is None:
            return None
        key = ResultKey(self.environment, self.publication.id, query, fingerprint)
        with self.state.read() as conn:
            return query_results.find(conn, key)


@dataclass(frozen=True)
class Sides:
    """Production and a sandbox, as their readers see them now."""

    before: Side
    after: Side
    shared_stay: bool = False

    @property
    def common(self) -> list[TableName]:
        """The tables that both have."""
        return sorted(self.before.publication.entries.keys() & self.after.publication.entries.keys())

    def is_same(self, table: TableName) -> bool:
        """Say whether both read the same version at the same place; with `shared_stay` the place suffices."""
        before, after = self.before.publication.entries[table], self.after.publication.entries[table]
        return before.path == after.path and (self.shared_stay or before.version == after.version)

    @property
    def lagging(self) -> list[TableName]:
        """The tables of production that the sandbox read at another version than the current one."""
        before, after = self.before.publication.entries, self.after.publication.entries
        shared = [table for table in self.common if before[table].path == after[table].path]
        return [table for table in shared if before[table].version != after[table].version]

    def answer_alike(self, query: str) -> bool:
        """Say whether a query must have the same answer on both sides: one definition, the same versions read."""
        name = TableName("query", query)
        ours, theirs = self.before.fingerprints.get(name), self.after.fingerprints.get(name)
        if ours is None or ours != theirs:
            return False
        read = self.after.catalogs[0].tables[name].inputs
        return all(table in self.common and self.is_same(table) for table in read)


class _Columns(Mapping[TableName, tuple[str, ...]]):
    """The columns of each published table, read when asked for, and those of the one that is judged."""

    def __init__(self, side: Side, table: TableName, columns: Sequence[str]) -> None:
        self._side, self._table, self._columns = side, table, tuple(columns)

    def __getitem__(self, table: TableName) -> tuple[str, ...]:
        if table == self._table:
            return self._columns
        return tuple(self._side.schema(self._side.publication.entries[table]))

    def __iter__(self) -> Iterator[TableName]:
        return iter({**self._side.publication.entries, self._table: None})

    def __len__(self) -> int:
        return len({*self._side.publication.entries, self._table})


def in_sample(columns: Sequence[str], share: float) -> str:
    """Give a condition that keeps about `share` of the rows: by a hash of these columns, so the same on both sides.

    >>> in_sample(["_pk"], 0.5)
    'substr(md5(concat_ws(\\'|\\', COALESCE(CAST("_pk" AS VARCHAR), \\'\\'))), 1, 8) < \\'80000000\\''
    """
    texts = ", ".join(f"COALESCE(CAST({quoted(name)} AS VARCHAR), '')" for name in columns)
    return f"substr(md5(concat_ws('|', {texts})), 1, 8) < '{int(share * BUCKETS):08x}'"


def is_one_of(column: str, values: Sequence[str]) -> str:
    """Give a condition that keeps the rows with one of these values.

    >>> is_one_of("a", ["x", "it's"])
    '"a" IN (\\'x\\', \\'it\\'\\'s\\')'
    """
    texts = ", ".join("'" + value.replace("'", "''") + "'" for value in values)
    return f"{quoted(column)} IN ({texts})"


def quoted(name: str) -> str:
    """Quote a column's name."""
    return '"' + name.replace('"', '""') + '"'
