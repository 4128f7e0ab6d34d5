"""A small installation with a production and a sandbox that have published, for tests of comparisons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.revision import body_of
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName, sandbox_environment
from cdp_assets.state import environments, physical_tables, query_results, revisions, runs, tables
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry
from cdp_assets.state.query_results import QueryResult, ResultKey

DAY = dt.date(2026, 11, 20)
SANDBOX = "vip"
ENVIRONMENT = sandbox_environment(SANDBOX)
Frames = Mapping[str, pl.DataFrame]


class Installation:
    """A state and a lake below one folder."""

    def __init__(self, root: Path) -> None:
        self.entries: dict[str, Entry] = {}
        self.lake, self.state = root / "lake", State.open(str(root / "state.db"))
        self._writes = self._runs = 0

    def write(self, path: str, rows: pl.DataFrame) -> Entry:
        """Write a version of a table; give its place as an entry of any table."""
        self._writes += 1
        version = delta.overwrite(self.lake / path, rows.to_arrow(), f"load-{self._writes}")
        return Entry(TableName("unified", "any"), path, version, {})

    def apply(self, environment: str, tenant: Tenant) -> str:
        """Let an environment run a tenant's configuration."""
        with self.state.write() as conn:
            environments.get_or_create(conn, environment)
            revision = revisions.put(conn, body_of(tenant), created_by="ann", message="")
            table = tables.environment
            conn.execute(sa.update(table).where(table.c.name == environment).values(revision_id=revision))
        return revision

    def publish(
        self,
        environment: str,
        tenant: Tenant,
        frames: Frames,
        *,
        shared: Mapping[str, Entry] | None = None,
        answers: Frames | None = None,
    ) -> dict[str, Entry]:
        """Apply a tenant, publish frames and entries of another environment, and keep answers of queries."""
        revision = self.apply(environment, tenant)
        self._runs += 1
        run_id = f"run-{self._runs}"
        entries = {name: self.write(f"{environment}/{name}", rows) for name, rows in frames.items()}
        made = fingerprints(tenant)
        with self.state.write() as conn:
            for name, at in entries.items():
                physical_tables.register(
                    conn, at.path, TableName.parse(name), made.get(TableName.parse(name), ""), environment
                )
        entries |= dict(shared or {})
        with self.state.write() as conn:
            runs.begin(
                conn,
                run_id=run_id,
                environment=environment,
                revision_id=revision,
                business_date=DAY,
                expected=[TableName.parse(name) for name in entries],
            )
            for name, at in entries.items():
                runs.record_write(conn, run_id, Entry(TableName.parse(name), at.path, at.version, {}))
            publication = runs.commit(conn, run_id)
        for query, rows in (answers or {}).items():
            at = self.write(f"{environment}/query/{query}", rows)
            key = ResultKey(environment, publication.id, query, made[TableName("query", query)])
            with self.state.write() as conn:
                query_results.put(conn, key, QueryResult(at.path, at.version, rows.height))
        return entries
