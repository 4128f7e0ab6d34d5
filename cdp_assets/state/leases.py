"""Leases: one holder at a time for a named thing, kept alive by a heartbeat, fenced by a number."""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from cdp_assets.errors import LockedError
from cdp_assets.state import tables
from cdp_assets.state.database import State, now, utc

logger = logging.getLogger(__name__)
LOOK_EVERY_S = 1.0
"""How often a waiting one looks whether a lease is free."""


@dataclass(frozen=True)
class Held:
    """A lease that somebody holds now."""

    name: str
    holder: str
    expires_at: dt.datetime


def held(conn: Connection) -> list[Held]:
    """Give the leases that are held, by name."""
    moment = now()
    rows = conn.execute(sa.select(tables.lease).order_by(tables.lease.c.name)).mappings()
    found = (Held(row["name"], row["holder"], utc(row["expires_at"])) for row in rows)
    return [one for one in found if one.expires_at > moment]


def break_(conn: Connection, name: str) -> bool:
    """End a lease whoever holds it, and raise its fence; say whether somebody held it."""
    if name not in {one.name for one in held(conn)}:
        return False
    table = tables.lease
    conn.execute(sa.update(table).where(table.c.name == name).values(expires_at=now(), fence=table.c.fence + 1))
    return True


@contextlib.contextmanager
def lease(state: State, name: str, *, holder: str, ttl_s: float = 60.0) -> Iterator[int]:
    """Hold `name` for the block and give its fencing number, higher than any earlier holder's.

    Raises LockedError while somebody else holds it. A holder that dies loses it after `ttl_s`.
    """
    fence = _take(state, name, holder, ttl_s)
    stop = threading.Event()
    beat = threading.Thread(target=_keep, args=(state, name, fence, ttl_s, stop), daemon=True)
    beat.start()
    try:
        yield fence
    finally:
        stop.set()
        beat.join()
        with state.write() as conn:
            table = tables.lease
            conn.execute(sa.update(table).where(table.c.name == name, table.c.fence == fence).values(expires_at=now()))


@contextlib.contextmanager
def waited_lease(state: State, name: str, *, holder: str, ttl_s: float = 60.0) -> Iterator[int]:
    """Hold `name` for the block as `lease` does, once whoever holds it lets go; each holder is named in the log."""
    with contextlib.ExitStack() as held_now:
        said = ""
        while True:
            try:
                fence = held_now.enter_context(lease(state, name, holder=holder, ttl_s=ttl_s))
                break
            except LockedError as error:
                if str(error) != said:
                    logger.info("Waiting: %s", said := str(error))
            time.sleep(LOOK_EVERY_S)
        yield fence


def holder(user: str) -> str:
    """Say who holds a lease, so that somebody else can find the process."""
    return f"{user}, process {os.getpid()} on {socket.gethostname()}"


def _take(state: State, name: str, holder: str, ttl_s: float) -> int:
    table, moment = tables.lease, now()
    with state.write() as conn:
        row = conn.execute(sa.select(table).where(table.c.name == name)).mappings().first()
        if row is not None and utc(row["expires_at"]) > moment:
            raise LockedError(
                f"{name}: held by {row['holder']} since {utc(row['taken_at']):%Y-%m-%d %H:%M:%S} UTC. "
                f"Expected it to be free; it frees itself {ttl_s:.0f} s after its holder dies."
            )
        fence = 1 if row is None else row["fence"] + 1
        values = {
            "holder": holder,
            "fence": fence,
            "taken_at": moment,
            "expires_at": moment + dt.timedelta(seconds=ttl_s),
        }
        if row is None:
            conn.execute(sa.insert(table).values(name=name, **values))
        else:
            conn.execute(sa.update(table).where(table.c.name == name).values(**values))
    return fence


def _keep(state: State, name: str, fence: int, ttl_s: float, stop: threading.Event) -> None:
    """Put the end off until it is said to stop; where somebody else writes for long, with the next beat."""
    table = tables.lease
    while not stop.wait(ttl_s / 3):
        with contextlib.suppress(LockedError), state.write() as conn:
            conn.execute(
                sa.update(table)
                .where(table.c.name == name, table.c.fence == fence)
                .values(expires_at=now() + dt.timedelta(seconds=ttl_s))
            )
