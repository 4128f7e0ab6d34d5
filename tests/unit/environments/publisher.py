"""An installation in which runs end, and a tenant that sends a query or a data export."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa

from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.resources import CloudClients
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.runs import current_publication
from cdp_assets.environments.sending import OrchestrationSending, Sent
from cdp_assets.home import Home
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import environments, publications, query_results, revisions
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry
from cdp_assets.state.query_results import QueryResult, ResultKey
from tests.unit.environments.edits import edited

DAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
DATABASE = "database__customer_360"
CUSTOMERS, ATTRIBUTES = TableName(DATABASE, "customer_360"), TableName(DATABASE, "customer_attributes")
QUERY = TableName("query", "lifecycle_summary")
TEMPLATE = {"name": "t", "destination": "warehouse_folder", "format": {"kind": "csv"}, "filename": "{{list_name}}"}


def tenant(query: str | None = None, personal_data: bool = True, **group: Any) -> Tenant:
    """Give acme with a data export of two tables, or a query, that an orchestration sends; perhaps in a group."""

    def edit(document: dict[str, Any]) -> None:
        document["destinations"]["warehouse_folder"]["personal_data"] = personal_data
        tables = [CUSTOMERS.name, ATTRIBUTES.name]
        document["data_exports"]["both"] = {"name": "both", "database": "customer_360", "tables": tables}
        document["data_templates"]["t"] = TEMPLATE
        sent = {"data_export": "both"} if query is None else {"query": query}
        document["orchestrations"]["o"] = {"name": "o", "data_template": "t"} | sent
        if group:
            document["orchestration_groups"]["g"] = {"name": "g", "orchestrations": ["o"]} | group

    return edited(edit)


class Publisher:
    """An installation in which runs end."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.home.make()
        self.state = State.open(self.home.state)
        with self.state.write() as conn:
            environments.get_or_create(conn, PRODUCTION)
            self.revision = revisions.put(conn, {"name": "t"}, created_by="ann", message="")
        self.runs = 0

    def publish(self, people: list[str]) -> None:
        """Let a run end with these people; a table whose rows are the same stays as it is."""
        rows = {
            CUSTOMERS: pa.table({"amperity_id": people, "email": [f"{one}@mail.com" for one in people]}),
            ATTRIBUTES: pa.table({"amperity_id": people, "order_count": [3] * len(people)}),
        }
        entries = []
        for name, table in rows.items():
            path, app = self.home.lake / str(name), ",".join(people)
            is_there = delta.transaction_version(path, app) is not None
            version = delta.version_by(path, app) if is_there else delta.overwrite(path, table, app)
            entries.append(Entry(name, str(name), version, {}))
        self.runs += 1
        with self.state.write() as conn:
            number = publications.insert(
                conn, environment=PRODUCTION, parent_id=None, run_id=f"r{self.runs}", revision_id=self.revision,
                business_date=DAY, entries=entries,
            )  # fmt: skip
            conn.execute(environments.tables.environment.update().values(publication_id=number))

    def answer(self, told: Tenant, rows: pa.Table) -> None:
        """Keep the answer of the query for the current publication."""
        publication = current_publication(self.state, PRODUCTION)
        version = delta.overwrite(self.home.lake / "answer", rows, f"p{publication.id}")
        key = ResultKey(PRODUCTION, publication.id, QUERY.name, fingerprints(told)[QUERY])
        with self.state.write() as conn:
            query_results.put(conn, key, QueryResult("answer", version, rows.num_rows))

    def send(self, told: Tenant, environment: str = PRODUCTION) -> Sent:
        sending = OrchestrationSending(
            state=self.state,
            home=self.home,
            environment=environment,
            tenant=told,
            catalog=build_catalog(told),
            orchestration=told.orchestrations["o"],
            publication=current_publication(self.state, PRODUCTION),
            clients=CloudClients(),
        )
        return sending.send(NOW, "run 1")

    def files(self) -> dict[str, list[str]]:
        """Give the lines of every file at the destination."""
        folder = self.home.outbox(PRODUCTION) / "warehouse"
        found = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_text().splitlines() for path in found}
