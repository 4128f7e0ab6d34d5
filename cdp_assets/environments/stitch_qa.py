"""Answers the queries of Stitch QA from what an environment has published, without Spark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.people_tables import COALESCED
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.answers import AD_HOC, with_ad_hoc
from cdp_assets.environments.columns import columns_of
from cdp_assets.environments.published import PublishedColumns
from cdp_assets.errors import StateError
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName, database_layer
from cdp_assets.security.obfuscation import mask, person_name
from cdp_assets.security.personal import personal_columns
from cdp_assets.state.publications import Publication
from cdp_assets.stitch.qa.queries import QaQuery, completed, qa_query, read_tables

DATABASE = "stitch_qa"
LAYERS = ("unified", "stitch")
"""Where the tables of Stitch QA are published."""
IDS = ("amperity_id",)
Rows = list[dict[str, Any]]


def is_stitch_qa(tenant: Tenant, database: str) -> bool:
    """Say whether a database is one for Stitch QA: by its template, or the usual name where the tenant has none."""
    found = tenant.databases.get(database)
    return database == DATABASE if found is None else found.template == "stitch_qa"


def qa_sql(tenant: Tenant, name: str) -> str:
    """Give a query of Stitch QA as Presto SQL over what a tenant's runs publish."""
    return str(completed(qa_query(name), columns_of(tenant).of(COALESCED)).sql("trino"))


@dataclass(frozen=True)
class StitchQa:
    """One publication as Stitch QA looks at it."""

    lake: Path
    publication: Publication
    tenant: Tenant

    def presto(self, query: QaQuery) -> str:
        """Give a query as Presto SQL that `cdp query` answers too."""
        return str(self._tree(query).sql("trino", pretty=True))

    def tables(self, query: QaQuery) -> list[TableName]:
        """Give the published tables that a query reads; raises StateError for one that is not published."""
        return [self._published(name) for name in read_tables(self._tree(query))]

    def answer(self, query: QaQuery, most: int, *, reveal: bool = False) -> Rows:
        """Give a query's first rows; personal values show their shape, and people a name that leads nowhere."""
        places = {
            name.name: (self.lake / self.publication.entry(name).path, self.publication.entry(name).version)
            for name in self.tables(query)
        }
        found: Rows = delta.answer(f"{self._tree(query).sql('postgres')} LIMIT {most}", places).to_pylist()
        if reveal or not found:
            return found
        hidden = self._personal(query, tuple(found[0]))
        return [{name: _shown(name, value, hidden) for name, value in row.items()} for row in found]

    def _tree(self, query: QaQuery) -> Any:
        return completed(query, self._columns[COALESCED])

    @cached_property
    def _columns(self) -> PublishedColumns:
        return PublishedColumns(self.lake, self.publication)

    def _personal(self, query: QaQuery, columns: tuple[str, ...]) -> frozenset[str]:
        scope = TableName(database_layer(DATABASE), "")
        catalog = with_ad_hoc(build_catalog(self.tenant), self.presto(query), DATABASE, scope)
        known: Mapping[TableName, Any] = {**self._columns, AD_HOC: columns}
        return personal_columns(catalog, AD_HOC, known)

    def _published(self, name: str) -> TableName:
        found = next((TableName(layer, name) for layer in LAYERS if TableName(layer, name) in self._columns), None)
        if found is None:
            raise StateError(f"{name}: not published in {self.publication.environment}. Expected a run with Stitch.")
        return found


def _shown(name: str, value: Any, hidden: frozenset[str]) -> Any:
    if name in IDS:
        return None if value is None else person_name(str(value))
    return mask(value) if name in hidden else value
