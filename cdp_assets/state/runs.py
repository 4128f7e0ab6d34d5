"""Runs: where each began, what it has written, and the one transaction in which it publishes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.errors import PublicationConflictError, StateError
from cdp_assets.names import TableName
from cdp_assets.state import environments, publications, tables
from cdp_assets.state.database import now, utc
from cdp_assets.state.publications import Entry, Publication


@dataclass(frozen=True)
class Run:
    """A run as it was fixed on its first step."""

    run_id: str
    environment: str
    revision_id: str
    base_publication_id: int | None
    business_date: dt.date
    expected: frozenset[TableName]
    publication_id: int | None
    began_at: dt.datetime
    apply_id: str | None = None
    """The apply whose tables it builds; such a run never publishes by itself."""


def begin(
    conn: Connection,
    *,
    run_id: str,
    environment: str,
    revision_id: str,
    business_date: dt.date,
    expected: Sequence[TableName],
) -> Run:
    """Fix a run's base publication, date and expected tables; give them unchanged ever after.

    Raises StateError when the environment's active revision is not the run's.
    """
    active = environments.get_or_create(conn, environment)
    if active.revision_id != revision_id:
        raise StateError(
            f"run {run_id[:8]}: made for revision {revision_id[:12]}, but {environment} is now at "
            f"{(active.revision_id or 'none')[:12]}. Expected the code location to be reloaded, then a new run."
        )
    known = find(conn, run_id)
    if known is not None:
        return known
    conn.execute(
        sa.insert(tables.run).values(
            run_id=run_id,
            environment=environment,
            revision_id=revision_id,
            base_publication_id=active.publication_id,
            business_date=business_date,
            expected=sorted(str(table) for table in expected),
            began_at=now(),
        )
    )
    return get(conn, run_id)


def begin_staged(
    conn: Connection,
    *,
    run_id: str,
    apply_id: str,
    environment: str,
    revision_id: str,
    base: Publication,
    expected: Sequence[TableName],
    taken_over: Sequence[Entry],
) -> None:
    """Begin the run that builds a revision's tables before it is active; it never publishes by itself."""
    conn.execute(
        sa.insert(tables.run).values(
            run_id=run_id,
            apply_id=apply_id,
            environment=environment,
            revision_id=revision_id,
            base_publication_id=base.id,
            business_date=base.business_date,
            expected=sorted(str(table) for table in expected),
            began_at=now(),
        )
    )
    for entry in taken_over:
        record_write(conn, run_id, entry)


def find(conn: Connection, run_id: str) -> Run | None:
    """Give a run, or nothing."""
    row = conn.execute(sa.select(tables.run).where(tables.run.c.run_id == run_id)).mappings().first()
    if row is None:
        return None
    return Run(
        run_id=row["run_id"],
        environment=row["environment"],
        revision_id=row["revision_id"],
        base_publication_id=row["base_publication_id"],
        business_date=row["business_date"],
        expected=frozenset(TableName.parse(name) for name in row["expected"]),
        publication_id=row["publication_id"],
        began_at=utc(row["began_at"]),
        apply_id=row["apply_id"],
    )


def get(conn: Connection, run_id: str) -> Run:
    """Give a run; raises StateError for an unknown one."""
    found = find(conn, run_id)
    if found is None:
        raise StateError(f"run {run_id[:8]}: unknown. Expected a run that has begun.")
    return found


def record_write(conn: Connection, run_id: str, entry: Entry) -> None:
    """Keep what a run wrote; a repeated step's last word counts."""
    table = tables.run_table
    name = str(entry.table)
    conn.execute(sa.delete(table).where(table.c.run_id == run_id, table.c.table_name == name))
    values = {"path": entry.path, "version": entry.version, "coverage": dict(entry.coverage)}
    conn.execute(sa.insert(table).values(run_id=run_id, table_name=name, **values))


def writes(conn: Connection, run_id: str) -> dict[TableName, Entry]:
    """Give what a run has written so far."""
    return publications.entries_of(conn, tables.run_table, "run_id", run_id)


def is_complete(conn: Connection, run_id: str) -> bool:
    """Say whether every table that the run expected is written."""
    return get(conn, run_id).expected <= writes(conn, run_id).keys()


def commit(conn: Connection, run_id: str) -> Publication:
    """Publish a run: its writes over its base, in the caller's one transaction; again gives the same.

    When another run has published since, the run is rebased on that, unless the other wrote a table that
    this one wrote or read: then PublicationConflictError. A run that changed nothing makes no new
    publication: the present one is also its own, and what was sent for it is not sent again.
    """
    run = get(conn, run_id)
    if run.publication_id is not None:
        return publications.get(conn, run.publication_id)
    now = environments.get(conn, run.environment)
    if now is None or now.revision_id != run.revision_id:
        raise PublicationConflictError(
            f"run {run_id[:8]}: another revision was applied to {run.environment} meanwhile. Expected a new run."
        )
    written = writes(conn, run_id)
    present = publications.current(conn, run.environment)
    if present is not None and present.id != run.base_publication_id:
        _refuse_conflict(conn, run, written, present)
    entries = (dict(present.entries) if present is not None else {}) | written
    if present is not None and _same(present, run, entries):
        publication_id = present.id
    else:
        publication_id = publications.insert(
            conn,
            environment=run.environment,
            parent_id=None if present is None else present.id,
            run_id=run.run_id,
            revision_id=run.revision_id,
            business_date=run.business_date,
            entries=entries.values(),
        )
    conn.execute(sa.update(tables.run).where(tables.run.c.run_id == run_id).values(publication_id=publication_id))
    environments.publish(conn, run.environment, publication_id)
    return publications.get(conn, publication_id)


def _same(present: Publication, run: Run, entries: dict[TableName, Entry]) -> bool:
    told = (present.revision_id, present.business_date)
    return told == (run.revision_id, run.business_date) and dict(present.entries) == entries


def _refuse_conflict(conn: Connection, run: Run, written: dict[TableName, Entry], present: Publication) -> None:
    base = {} if run.base_publication_id is None else publications.get(conn, run.base_publication_id).entries
    moved = {
        table
        for table, entry in present.entries.items()
        if table not in base or (base[table].path, base[table].version) != (entry.path, entry.version)
    }
    read = {name for entry in written.values() for name in entry.coverage}
    if clash := sorted(str(table) for table in moved if table in written or str(table) in read):
        raise PublicationConflictError(
            f"run {run.run_id[:8]}: {', '.join(clash)} was published by run {present.run_id[:8]} meanwhile. "
            "Expected one run at a time per environment; start this one again."
        )
