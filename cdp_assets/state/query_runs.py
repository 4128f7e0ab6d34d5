"""Query runs: who asked what of which publication, when, for how long, how many rows, and how it ended."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from cdp_assets.errors import StateError
from cdp_assets.state import tables
from cdp_assets.state.database import now, utc

Kind = Literal["preview", "download", "run"]
RUNNING, COMPLETED, FAILED, CANCELLED, LOST = "running", "completed", "failed", "cancelled", "lost"
LOST_AFTER = dt.timedelta(hours=12)
"""A run that has said nothing for so long belongs to a process that is gone."""


@dataclass(frozen=True)
class QueryRun:
    """One time that a query was asked."""

    id: str
    environment: str
    publication_id: int
    query: str
    """Its name; `ad_hoc` for SQL, which may hold a person's values and is not kept."""
    kind: str
    asked_by: str
    state: str
    rows: int | None
    started_at: dt.datetime
    ended_at: dt.datetime | None
    cancelled_by: str | None

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return None if self.ended_at is None else (self.ended_at - self.started_at).total_seconds()


def begin(conn: Connection, *, environment: str, publication_id: int, query: str, kind: Kind, asked_by: str) -> str:
    """Note that a query begins; give the run's id."""
    run_id = str(uuid.uuid4())
    values = {"environment": environment, "publication_id": publication_id, "query": query, "kind": kind}
    row = values | {"id": run_id, "asked_by": asked_by, "state": RUNNING, "started_at": now()}
    conn.execute(sa.insert(tables.query_run).values(row))
    return run_id


def end(conn: Connection, run_id: str, state: str, rows: int | None = None) -> None:
    """Note how a query ended; the first word counts."""
    table = tables.query_run
    change = sa.update(table).where(table.c.id == run_id, table.c.state == RUNNING)
    conn.execute(change.values(state=state, rows=rows, ended_at=now()))


def ask_to_cancel(conn: Connection, prefix: str, user: str) -> QueryRun:
    """Ask for a query that runs, by the beginning of its id, to be stopped; raises StateError where none does."""
    table = tables.query_run
    query = sa.select(table).where(table.c.id.startswith(prefix, autoescape=True), table.c.state == RUNNING).limit(2)
    found = [_run(row) for row in conn.execute(query).mappings()]
    if len(found) != 1:
        problem = "no query that runs begins like this" if not found else "more than one begins like this"
        raise StateError(f"query {prefix[:8]}: {problem}. Expected an id that `cdp query history` shows as running.")
    conn.execute(sa.update(table).where(table.c.id == found[0].id).values(cancelled_by=user))
    return found[0]


def is_to_cancel(conn: Connection, run_id: str) -> bool:
    """Say whether somebody has asked for a run to be stopped."""
    table = tables.query_run
    return conn.execute(sa.select(table.c.cancelled_by).where(table.c.id == run_id)).scalar() is not None


def latest(conn: Connection, environment: str, *, query: str | None = None, most: int = 20) -> list[QueryRun]:
    """Give an environment's latest runs, of one query or of all, the newest first."""
    table = tables.query_run
    wanted = sa.select(table).where(table.c.environment == environment)
    if query is not None:
        wanted = wanted.where(table.c.query == query)
    return [_run(row) for row in conn.execute(wanted.order_by(table.c.started_at.desc()).limit(most)).mappings()]


def _run(row: RowMapping) -> QueryRun:
    ended = row["ended_at"]
    told = {"started_at": utc(row["started_at"]), "ended_at": None if ended is None else utc(ended)}
    found = QueryRun(**{**row, **told})
    if found.state == RUNNING and now() - found.started_at > LOST_AFTER:
        return QueryRun(**{**row, **told, "state": LOST})
    return found
