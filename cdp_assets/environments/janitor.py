"""The janitor: finds physical tables that nothing names, dooms them, and removes them after a grace period."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.permission import allow
from cdp_assets.environments.revision import active_tenant
from cdp_assets.names import PRODUCTION
from cdp_assets.security.audit import record
from cdp_assets.state import applies, environments, physical_tables, publications, readers, runs, sandboxes, tables
from cdp_assets.state.database import State, now
from cdp_assets.state.physical_tables import PhysicalTable

GRACE = dt.timedelta(hours=24)
KEPT_PUBLICATIONS = 10
"""Per environment, beside those that an apply may be rolled back to."""
KEPT_DAYS = 14
Fate = Literal["doom", "wait", "remove", "spare"]


@dataclass(frozen=True)
class Verdict:
    """What becomes of a table that nothing names, or that something names again."""

    table: PhysicalTable
    fate: Fate
    """doom: noted now. wait: noted earlier, in its grace. remove: its grace is over. spare: named again."""
    problem: str = ""
    """Why its files could not be removed; it is tried again."""


def collect(state: State, lake: Path, user: str, *, dry_run: bool = True, grace: dt.timedelta = GRACE) -> list[Verdict]:
    """Give a verdict for every table concerned, and unless it is a dry run carry them out.

    A table is kept that is named by any environment's current publication or active revision, by the last
    publications of an environment, by one that a rollback may restore, by an unfinished apply or run, or by a
    reader. What cannot be removed is told and tried again; it keeps nothing else from being removed.
    """
    allow(state, user, "state:collect-garbage", PRODUCTION)
    with state.read() as conn:
        verdicts = _verdicts(conn, state, grace)
    if dry_run:
        return verdicts
    return [_carry_out(state, lake, user, verdict, grace) for verdict in verdicts]


def _verdicts(conn: Connection, state: State, grace: dt.timedelta) -> list[Verdict]:
    named = named_paths(conn) | _defined(conn, state)
    found = []
    for table in physical_tables.all_tables(conn):
        if table.path in named:
            if table.doomed_at is not None:
                found.append(Verdict(table, "spare"))
        elif table.doomed_at is None:
            found.append(Verdict(table, "doom"))
        else:
            found.append(Verdict(table, "remove" if table.doomed_at + grace <= now() else "wait"))
    return found


def named_paths(conn: Connection) -> set[str]:
    """Give the paths that a publication, an unfinished apply or run names; answers of queries are never removed."""
    kept: set[int] = readers.publications_read(conn)
    oldest = now() - dt.timedelta(days=KEPT_DAYS)
    paths: set[str] = set()
    for environment in conn.execute(sa.select(tables.environment.c.name)).scalars().all():
        present = environments.get(conn, environment)
        is_gone = (
            environment != PRODUCTION and sandboxes.find(conn, environment) is None and _was_sandbox(conn, environment)
        )
        if present is None or is_gone:
            continue
        recent = publications.history(conn, environment, KEPT_PUBLICATIONS)
        kept |= {one.id for one in recent}
        if present.publication_id is not None:
            kept.add(present.publication_id)
        for applied in environments.history(conn, environment):
            if applied.applied_at >= oldest and applied.publication_before is not None:
                kept.add(applied.publication_before)
        if (unfinished := applies.find_open(conn, environment)) is not None and unfinished.run_id is not None:
            paths |= {entry.path for entry in runs.writes(conn, unfinished.run_id).values()}
            paths |= _owned_since(conn, environment, unfinished.began_at)
    for publication_id in kept:
        paths |= {entry.path for entry in publications.get(conn, publication_id).entries.values()}
    return paths


def _was_sandbox(conn: Connection, environment: str) -> bool:
    found = conn.execute(sa.select(tables.sandbox.c.state).where(tables.sandbox.c.environment == environment)).scalar()
    return found == "deleted"


def _owned_since(conn: Connection, environment: str, moment: dt.datetime) -> set[str]:
    """Give the paths that an unfinished apply may be building."""
    table = tables.physical_table
    query = sa.select(table.c.path).where(table.c.environment == environment, table.c.registered_at >= moment)
    return set(conn.execute(query).scalars())


def _defined(conn: Connection, state: State) -> set[str]:
    """Give the paths of what active revisions define: the next run goes on there."""
    paths: set[str] = set()
    names = [PRODUCTION, *(one.environment for one in sandboxes.listed(conn))]
    for environment in names:
        active = active_tenant(state, environment)
        if active is not None:
            wanted = set(fingerprints(active[1]).items())
            owned = physical_tables.paths_of(conn, environment)
            paths |= {path for definition, path in owned.items() if definition in wanted}
    return paths


def _carry_out(state: State, lake: Path, user: str, verdict: Verdict, grace: dt.timedelta) -> Verdict:
    """Carry out one verdict, after another look in the transaction that notes it."""
    path = verdict.table.path
    with state.write() as conn:
        if verdict.fate == "spare":
            physical_tables.spare(conn, path)
        elif path in named_paths(conn) | _defined(conn, state):
            return Verdict(verdict.table, "spare")
        elif verdict.fate == "doom":
            physical_tables.doom(conn, path)
            record(conn, user, "state:collect-garbage", path, fate="doom")
    if verdict.fate != "remove":
        return verdict
    try:
        if (lake / path).exists():
            shutil.rmtree(lake / path)
    except OSError as error:
        return Verdict(verdict.table, "remove", error.strerror or type(error).__name__)
    with state.write() as conn:
        physical_tables.forget(conn, path)
        record(conn, user, "state:collect-garbage", path, fate="remove")
    return verdict
