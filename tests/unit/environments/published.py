"""A tenant whose people are published: a state, a lake and a small table, without Spark."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.asking import Question, question
from cdp_assets.environments.revision import body_of
from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import environments, publications, revisions
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry
from tests.swapping import swapped

TENANT = load_tenant(REPOSITORY / "tenant_config")
PEOPLE = TableName("database__customer_360", "customer_360")
ROWS = pa.table(
    {
        "amperity_id": ["1", "2", "3"],
        "email": ["Ann@mail.com", None, "Cy@mail.com"],
        "state": ["WA", "WA", "OR"],
        "lifetime_order_frequency": pa.array([3, 0, 1], pa.int64()),
    }
)


@dataclass(frozen=True)
class Published:
    """Where people are published."""

    state: State
    lake: Lake

    def question(self, asked: str) -> Question:
        """Give a question about what is published."""
        return question(self.state, asked, environment=PRODUCTION, database="customer_360")


def published(state: Path, lake: Path, sessions: SparkSessions | None = None) -> Published:
    """Apply the demo tenant and publish its people."""
    made = State.open(state)
    version = delta.overwrite(lake / "people", ROWS, "one")
    entry = Entry(PEOPLE, "people", version, {})
    with made.write() as conn:
        environments.get_or_create(conn, PRODUCTION)
        revision = revisions.put(conn, body_of(TENANT), created_by="ann", message="")
        publication = publications.insert(
            conn,
            environment=PRODUCTION,
            parent_id=None,
            run_id="one",
            revision_id=revision,
            business_date=dt.date(2026, 11, 20),
            entries=[entry],
        )
        swapped(conn, revision, publication_after=publication)
        environments.publish(conn, PRODUCTION, publication)
    return Published(made, Lake(lake, sessions or SparkSessions(lambda: None)))


def publish(there: Published, name: str, rows: pa.Table) -> int:
    """Publish other rows of the people, as a run would; give the publication's id."""
    version = delta.overwrite(there.lake.root / "people", rows, name)
    with there.state.write() as conn:
        now = publications.current(conn, PRODUCTION)
        assert now is not None
        made = publications.insert(
            conn,
            environment=PRODUCTION,
            parent_id=now.id,
            run_id=name,
            revision_id=now.revision_id,
            business_date=now.business_date,
            entries=[Entry(PEOPLE, "people", version, {})],
        )
        environments.publish(conn, PRODUCTION, made)
    return made
