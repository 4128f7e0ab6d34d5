"""The state in a SQLite file: WAL, so readers never wait; BEGIN IMMEDIATE, so writers wait for each other."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from cdp_assets.errors import LockedError

BUSY_TIMEOUT_MS = 30_000


def engine(url: sa.URL) -> Engine:
    """Give an engine whose connections are set up for one writer and many readers."""
    made = sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    event.listen(made, "connect", _pragmas)
    return made


def begin_write(conn: Connection) -> None:
    """Wait for the writer's lock and take it."""
    conn.exec_driver_sql("PRAGMA query_only=OFF")
    try:
        conn.exec_driver_sql("BEGIN IMMEDIATE")
    except OperationalError as error:
        if "locked" not in str(error.orig):
            raise
        raise LockedError(
            f"state: another process has been writing for {BUSY_TIMEOUT_MS // 1000} s. Expected it to end; "
            "the lock goes with the process that holds it."
        ) from None


def begin_read(conn: Connection) -> None:
    """Begin a transaction that sees one moment, and refuse to write in it."""
    conn.exec_driver_sql("PRAGMA query_only=ON")
    conn.exec_driver_sql("BEGIN")


def _pragmas(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions are ours: BEGIN IMMEDIATE, not Python's lazy BEGIN
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
