"""An orchestration sends a query's answer or a database's tables, as the publication has them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.resources import CloudClients
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.runs import current_publication
from cdp_assets.environments.sending import OrchestrationSending, Sent
from cdp_assets.errors import DeliveryError, StateError
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


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    made = Publisher(tmp_path)
    made.publish(["p1", "p2"])
    return made


def test_a_data_export_sends_its_tables_at_the_publications_versions(publisher: Publisher) -> None:
    """Also while a later run writes; once per publication."""
    delta.overwrite(publisher.home.lake / str(CUSTOMERS), pa.table({"amperity_id": ["later"]}), "later")
    sent = publisher.send(tenant())
    assert publisher.files() == {
        "both/customer_360.csv": ["amperity_id,email", "p1,p1@mail.com", "p2,p2@mail.com"],
        "both/customer_attributes.csv": ["amperity_id,order_count", "p1,3", "p2,3"],
    }
    assert sent.delivered is not None
    assert sent.delivered.sent
    again = publisher.send(tenant())
    assert again.delivered is not None
    assert not again.delivered.sent


def test_a_query_is_sent_as_it_was_answered_for_the_publication(publisher: Publisher) -> None:
    """In the order of its rows; without an answer there is nothing to send."""
    told = tenant(QUERY.name)
    with pytest.raises(StateError, match=r"query\.lifecycle_summary: no answer for publication 1"):
        publisher.send(told)
    publisher.answer(told, pa.table({"lifecycle": ["z", "a"], "n": [1, 2]}))
    publisher.send(told)
    assert publisher.files() == {"lifecycle_summary/part-0000001.csv": ["lifecycle,n", "z,1", "a,2"]}


def test_a_destination_without_personal_data_gets_no_table_about_people(publisher: Publisher) -> None:
    """The refusal names table and column; nothing is sent, not even the tables that it may have."""
    with pytest.raises(DeliveryError, match=r"customer_360\.amperity_id, customer_360\.email are personal"):
        publisher.send(tenant(personal_data=False))
    assert publisher.files() == {}


def test_a_group_that_waits_for_changes_sends_only_what_has_changed(publisher: Publisher) -> None:
    """A new publication with the same rows is none; a group that always runs sends it."""
    told = tenant(run="on_changes")
    publisher.send(told)
    publisher.publish(["p1", "p2"])
    unchanged = publisher.send(told)
    assert (unchanged.delivered, unchanged.why_not) == (None, "nothing has changed since publication 1 was sent")
    assert publisher.send(tenant(run="always")).delivered is not None
    publisher.publish(["p1", "p2", "p3"])
    assert publisher.send(told).delivered is not None
    assert len(publisher.files()["both/customer_360.csv"]) == 4


def test_a_sandbox_without_endpoint_sends_nothing(publisher: Publisher) -> None:
    """It says which destination it mutes."""
    muted = publisher.send(tenant(), "sandbox__s")
    assert muted.why_not == "muted: sandbox__s binds no endpoint for warehouse_folder in its sandbox.yaml"
    assert publisher.files() == {}
