"""How far the scheduled runs of courier groups have come, and which of them still wait for files."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.state import tables
from cdp_assets.state.database import now, utc


@dataclass(frozen=True)
class Waiting:
    """A run of a group that was due and waits for files."""

    group: str
    due_at: dt.datetime
    began_at: dt.datetime


def until(conn: Connection, environment: str, group: str, courier: str) -> dt.date | None:
    """Give the first day that a group's runs have not looked for with a courier; nothing before its first run."""
    table = tables.group_progress
    ours = (table.c.environment == environment, table.c.courier_group == group, table.c.courier == courier)
    return conn.execute(sa.select(table.c.until).where(*ours)).scalar()


def advance(conn: Connection, environment: str, group: str, courier: str, until: dt.date) -> None:
    """Note that a group's runs have looked for all days before `until`; it never goes back."""
    table = tables.group_progress
    ours = (table.c.environment == environment, table.c.courier_group == group, table.c.courier == courier)
    known = conn.execute(sa.select(table.c.until).where(*ours)).scalar()
    if known is None:
        values = {"environment": environment, "courier_group": group, "courier": courier}
        conn.execute(sa.insert(table).values(until=until, looked_at=now(), **values))
    else:
        conn.execute(sa.update(table).where(*ours).values(until=max(known, until), looked_at=now()))


def wait(conn: Connection, environment: str, group: str, due_at: dt.datetime) -> None:
    """Note that a group's run waits for files; noted again, it is the same row."""
    table = tables.group_wait
    row = {"environment": environment, "courier_group": group, "due_at": due_at}
    known = sa.select(table).where(*(table.c[name] == value for name, value in row.items()))
    if conn.execute(known).first() is None:
        conn.execute(sa.insert(table).values(began_at=now(), **row))


def waiting(conn: Connection, environment: str) -> list[Waiting]:
    """Give the runs that wait, in the order in which they were due."""
    table = tables.group_wait
    query = sa.select(table).where(table.c.environment == environment).order_by(table.c.due_at, table.c.courier_group)
    return [
        Waiting(row["courier_group"], utc(row["due_at"]), utc(row["began_at"]))
        for row in conn.execute(query).mappings()
    ]


def end_wait(conn: Connection, environment: str, one: Waiting) -> None:
    """Forget a run that waits no longer."""
    table = tables.group_wait
    ours = (table.c.environment == environment, table.c.courier_group == one.group, table.c.due_at == one.due_at)
    conn.execute(sa.delete(table).where(*ours))
