"""One run's view of the tables: its own writes over the publication that was current when it began."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from cdp_assets.environments import sharing
from cdp_assets.environments.paths import path_of
from cdp_assets.errors import StateError
from cdp_assets.names import TableName
from cdp_assets.state import applies, physical_tables, publications, runs
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry, Publication


@dataclass(frozen=True)
class TableRun:
    """Reads and records tables for one run; every method is one short transaction.

    `paths` are relative to the lake's root. A table that production shares with a sandbox keeps
    production's path and is never written here.
    """

    state: State
    run_id: str
    environment: str
    business_date: dt.date
    paths: Mapping[TableName, str]
    apply: tuple[str, int] | None = None
    """The apply that the run builds for, and its fencing number; such a run publishes nothing."""

    @classmethod
    def begin(
        cls,
        state: State,
        *,
        run_id: str,
        environment: str,
        revision_id: str,
        business_date: dt.date,
        expected: Sequence[TableName],
        fingerprints: Mapping[TableName, str],
    ) -> TableRun:
        """Fix the run's base publication and date on its first step; give the same view on every later one.

        Raises StateError when the environment's active revision is not `revision_id` any more.
        """
        shared = sharing.shared_entries(state, environment, fingerprints)
        with state.write() as conn:
            owned = physical_tables.paths_of(conn, environment)
            run = runs.begin(
                conn,
                run_id=run_id,
                environment=environment,
                revision_id=revision_id,
                business_date=business_date,
                expected=expected,
            )
            written = runs.writes(conn, run_id)
            for entry in shared.values():
                if entry.table not in written:
                    runs.record_write(conn, run_id, entry)
        paths = {
            table: shared[table].path if table in shared else path_of(owned, environment, table, fingerprint)
            for table, fingerprint in fingerprints.items()
        }
        return cls(state, run_id, environment, run.business_date, paths)

    @classmethod
    def staged(cls, state: State, run_id: str, fence: int, paths: Mapping[TableName, str]) -> TableRun:
        """Give the view of a run that builds an apply's tables: over the publication that it was staged on."""
        with state.read() as conn:
            run = runs.get(conn, run_id)
        return cls(state, run_id, run.environment, run.business_date, paths, (run.apply_id or "", fence))

    @property
    def began_at(self) -> dt.datetime:
        """The moment (UTC) of the run's first step; the same when a step is repeated."""
        with self.state.read() as conn:
            return runs.get(conn, self.run_id).began_at

    def entry(self, table: TableName) -> Entry | None:
        """Give what a read of `table` sees now: the run's own write, else the base publication's entry."""
        return self._entries([table])[table]

    def _entries(self, tables: Sequence[TableName]) -> dict[TableName, Entry | None]:
        """Give what reads of some tables see, all at one moment."""
        with self.state.read() as conn:
            written = runs.writes(conn, self.run_id)
            base = self._base(conn)
        left = {table: entry for table, entry in base.items() if entry.path == self.paths.get(table)}
        return {table: written.get(table, left.get(table)) for table in tables}

    def base_entry(self, table: TableName) -> Entry | None:
        """Give the entry of the publication that was current when the run began, whatever its fingerprint.

        Stitch takes its previous ids from here, so that a failed run leaves no trace and a changed
        configuration keeps the ids.
        """
        with self.state.read() as conn:
            return self._base(conn).get(table)

    def _base(self, conn: Connection) -> Mapping[TableName, Entry]:
        base = runs.get(conn, self.run_id).base_publication_id
        return {} if base is None else publications.get(conn, base).entries

    def inputs(self, tables: Sequence[TableName]) -> dict[TableName, Entry]:
        """Give the entries of all `tables`; raises StateError naming those that were never built."""
        found = self._entries(tables)
        if missing := sorted(str(table) for table, entry in found.items() if entry is None):
            raise StateError(
                f"{', '.join(missing)}: not built yet in {self.environment}. "
                "Expected it to be materialised first; run the job `full` once."
            )
        return {table: entry for table, entry in found.items() if entry is not None}

    def record(self, table: TableName, fingerprint: str, version: int, coverage: Mapping[str, int | str]) -> None:
        """Keep a write; when it is the last that the run expected, publish the run in the same transaction."""
        entry = Entry(table=table, path=self.paths[table], version=version, coverage=dict(coverage))
        with self.state.write() as conn:
            if self.apply is not None:
                applies.refuse_fenced(conn, *self.apply)
                runs.record_write(conn, self.run_id, entry)
                return
            physical_tables.register(conn, entry.path, table, fingerprint, self.environment)
            runs.record_write(conn, self.run_id, entry)
            if runs.is_complete(conn, self.run_id):
                runs.commit(conn, self.run_id)

    def measured(self, path: str, rows: int, size_bytes: int, seconds: float | None) -> None:
        """Note how large a table is, and how long it took unless it was reused: what plans estimate by."""
        with self.state.write() as conn:
            physical_tables.measured(conn, path, rows=rows, size_bytes=size_bytes, seconds=seconds)


def latest_publication(state: State, environment: str) -> Publication | None:
    """Give the publication that readers see now, or nothing before the first run has ended."""
    with state.read() as conn:
        return publications.current(conn, environment)


def current_publication(state: State, environment: str) -> Publication:
    """Give the publication that readers see now; raises StateError when there is none."""
    found = latest_publication(state, environment)
    if found is None:
        raise StateError(f"{environment}: nothing is published yet. Expected a run of all tables to end first.")
    return found
