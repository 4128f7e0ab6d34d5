"""Sends what an orchestration names, as the current publication has it: a query's answer, or tables of a database."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass

from cdp_assets.config.activations import tables_of
from cdp_assets.config.catalog import Catalog, dialect_of
from cdp_assets.config.destination import DataTemplate, Destination
from cdp_assets.config.orchestration import DataExport, Orchestration
from cdp_assets.config.tenant import Tenant
from cdp_assets.destinations.deliver import Consignment, Delivered, deliver, refuse_personal
from cdp_assets.destinations.export import Content
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.outside import Outside
from cdp_assets.environments.published import PublishedColumns
from cdp_assets.environments.run_mode import changes_by_itself
from cdp_assets.errors import StateError
from cdp_assets.exchange.locations import Clients, Location
from cdp_assets.hashing import sha256_of
from cdp_assets.home import Home
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName
from cdp_assets.security.personal import personal_columns
from cdp_assets.state import deliveries, query_results
from cdp_assets.state.database import State
from cdp_assets.state.publications import Publication
from cdp_assets.state.query_results import QueryResult, ResultKey


@dataclass(frozen=True)
class Sent:
    """What a call has come to: a delivery, or why there is none."""

    delivered: Delivered | None
    why_not: str | None = None


@dataclass(frozen=True)
class OrchestrationSending:
    """One orchestration of an environment over what is published there."""

    state: State
    home: Home
    environment: str
    tenant: Tenant
    catalog: Catalog
    orchestration: Orchestration
    publication: Publication
    clients: Clients

    def send(self, now: dt.datetime, sent_by: str) -> Sent:
        """Send what has not been sent for the publication; nothing where the environment mutes the destination.

        Args:
            now: The moment in the files' names.
            sent_by: Who or what asks for it, for the ledger.

        Raises StateError where the query has no answer for the publication; DeliveryError where the destination may
        not have what it would be sent, or does not take it.
        """
        outside = Outside(self.state, self.home, self.environment, self.tenant, self.clients)
        location = outside.destination(self._destination)
        if location is None:
            why = f"{self.environment} binds no endpoint for {self._destination.name} in its sandbox.yaml"
            return Sent(None, f"muted: {why}")
        if (earlier := self._unchanged_since()) is not None:
            return Sent(None, f"nothing has changed since publication {earlier} was sent")
        return Sent(self._deliver(outside, location, now, sent_by))

    def _deliver(self, outside: Outside, location: Location, now: dt.datetime, sent_by: str) -> Delivered:
        contents = [self._answer()] if self.orchestration.query is not None else self._tables()
        consignment = Consignment(
            environment=self.environment,
            orchestration=self.orchestration.name,
            publication_id=self.publication.id,
            template=self._template,
            contents=contents,
            source=self._source,
            place=outside.place(self._destination),
            now=now,
            sent_by=sent_by,
            words={"list_name": self.orchestration.object},
            recipient=outside.recipient(self._template),
        )
        return deliver(consignment, location, self.state, self.home.outgoing)

    @property
    def _template(self) -> DataTemplate:
        return self.tenant.data_templates[self.orchestration.data_template]

    @property
    def _destination(self) -> Destination:
        return self.tenant.destinations[self._template.destination]

    @property
    def _export(self) -> DataExport:
        return self.tenant.data_exports[self.orchestration.data_export or ""]

    @functools.cached_property
    def _source(self) -> str:
        """A hash of the versions of every table that is read, of the query, and of what it reads beside tables."""
        if self.orchestration.query is None:
            return sha256_of({str(table): self._version(table) for table in tables_of(self._export)})
        query = self.catalog.tables[TableName("query", self.orchestration.query)]
        read = {str(table): self._version(table) for table in query.inputs}
        moved = self.publication.id if changes_by_itself(query.sql or "", dialect_of(query)) else None
        return sha256_of([read, fingerprints(self.tenant)[query.name], moved])

    def _version(self, table: TableName) -> str:
        entry = self.publication.entry(table)
        return f"{entry.path}@{entry.version}"

    def _unchanged_since(self) -> int | None:
        """Give the publication that was sent last where its rows are still the same and the group waits for others."""
        name = self.orchestration.name
        groups = (group for group in self.tenant.orchestration_groups.values() if name in group.orchestrations)
        if not any(group.run == "on_changes" for group in groups):
            return None
        with self.state.read() as conn:
            last = deliveries.last_delivered(conn, self.environment, name)
            begun = deliveries.find(conn, deliveries.delivery_id(self.environment, name, self.publication.id))
        return last.order.publication_id if last and begun is None and last.order.source == self._source else None

    def _answer(self) -> Content:
        """Give the query's answer; raises DeliveryError where the destination may not have it."""
        query = TableName("query", self.orchestration.query or "")
        result = self._result(query)
        path = self.home.lake / result.path
        answered = {query: tuple(delta.schema(path, result.version).names)}
        columns = PublishedColumns(self.home.lake, self.publication, answered)
        personal = personal_columns(self.catalog, query, columns)
        refuse_personal(self._destination, personal, f"export.{self.orchestration.name}")
        return Content(query.name, functools.partial(delta.stream, path, result.version))

    def _result(self, query: TableName) -> QueryResult:
        key = ResultKey(self.environment, self.publication.id, query.name, fingerprints(self.tenant)[query])
        with self.state.read() as conn:
            result = query_results.find(conn, key)
        if result is None:
            raise StateError(
                f"{query}: no answer for publication {self.publication.id}. Expected the query to have run."
            )
        return result

    def _tables(self) -> list[Content]:
        """Give the data export's tables; raises DeliveryError where the destination may not have one."""
        columns, found = PublishedColumns(self.home.lake, self.publication), []
        for table in tables_of(self._export):
            entry = self.publication.entry(table)
            personal = [f"{table.name}.{one}" for one in sorted(personal_columns(self.catalog, table, columns))]
            refuse_personal(self._destination, personal, f"export.{self.orchestration.name}")
            rows = functools.partial(delta.stream, self.home.lake / entry.path, entry.version)
            found.append(Content(table.name, rows))
        return found
