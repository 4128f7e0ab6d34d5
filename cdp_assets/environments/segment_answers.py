"""Counts, samples and explanations of a segment, over what an environment has published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from cdp_assets.audiences.segments.looking import Counts, Judged, Looking
from cdp_assets.audiences.segments.membership import ID
from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.known import nearest_known
from cdp_assets.config.segment import Segment
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.column_types import Types
from cdp_assets.environments.columns import columns_of
from cdp_assets.environments.published import PublishedColumns
from cdp_assets.environments.segment_checks import misfits
from cdp_assets.errors import StateError
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName, database_layer
from cdp_assets.security.obfuscation import mask, person_name
from cdp_assets.security.personal import personal_columns
from cdp_assets.state.publications import Publication


@dataclass(frozen=True)
class Explained:
    """Why a person is in a segment, or why not."""

    person: str
    segment: str
    known: bool
    """Whether the person is in the table that holds everybody."""
    member: bool
    failing: str | None
    """The first rule that keeps the person out."""
    rules: tuple[Judged, ...]


@dataclass(frozen=True)
class SegmentAnswers:
    """One segment over one publication."""

    lake: Path
    publication: Publication
    tenant: Tenant
    segment: Segment

    @classmethod
    def of(cls, lake: Path, publication: Publication, tenant: Tenant, name: str) -> SegmentAnswers:
        """Give the answers about a segment by its name; raises StateError for one that is absent or does not fit."""
        segment = tenant.segments.get(name)
        if segment is None:
            raise StateError(f"segment {name}: absent. Expected {nearest_known(name, tenant.segments)}.")
        columns = columns_of(tenant)
        for one in misfits(segment, columns, Types(columns)):
            raise StateError(f"segment {name}: {one.problem}. Expected {one.expected}.")
        return cls(lake, publication, tenant, segment)

    @property
    def tables(self) -> list[TableName]:
        """The tables that are read."""
        return [TableName(database_layer(self.segment.database), table) for table in self.segment.tables]

    def counts(self) -> Counts:
        """Count the people, the members, and what each rule leaves."""
        (row,) = self._answer(self._looking.counting)
        return self._looking.counts(row)

    def sample(self, most: int, *, reveal: bool = False) -> list[dict[str, str | None]]:
        """Give the first members by id, with the attributes that the rules read; personal ones as their shape."""
        found = self._answer(self._looking.sampling(most))
        if reveal:
            return found
        return [{name: self._shown(name, value) for name, value in row.items()} for row in found]

    def explain(self, amperity_id: str, *, reveal: bool = False) -> Explained:
        """Say which rules apply to a person; personal values show their shape only."""
        rows = self._answer(self._looking.explaining(amperity_id))
        person = amperity_id if reveal else person_name(amperity_id)
        if not rows:
            absent = f"nobody in {self.segment.people} has this id"
            return Explained(person, self.segment.name, known=False, member=False, failing=absent, rules=())
        judged = self._looking.judged(rows[0])
        if not reveal:
            judged = tuple(replace(one, value=self._shown(one.attribute or "", one.value)) for one in judged)
        failing = self._looking.failing(rows[0])
        return Explained(person, self.segment.name, known=True, member=failing is None, failing=failing, rules=judged)

    @cached_property
    def _looking(self) -> Looking:
        return Looking(self.segment, self.publication.business_date)

    def _answer(self, query: str) -> list[dict[str, Any]]:
        entries = {table.name: self.publication.entry(table) for table in self.tables}
        places = {name: (self.lake / entry.path, entry.version) for name, entry in entries.items()}
        return list(delta.answer(query, places).to_pylist())

    def _shown(self, attribute: str, value: str | None) -> str | None:
        if attribute == ID:
            return None if value is None else person_name(value)
        return mask(value) if attribute in self._personal else value

    @cached_property
    def _personal(self) -> frozenset[str]:
        """The attributes of the rules that are about who somebody is."""
        catalog, published = build_catalog(self.tenant), PublishedColumns(self.lake, self.publication)
        found = ((table, column) for table in self.tables for column in personal_columns(catalog, table, published))
        return frozenset(f"{table.name}.{column}" for table, column in found)
