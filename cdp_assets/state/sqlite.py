"""The state in a SQLite file: WAL, so readers never wait; BEGIN IMMEDIATE, so writers wait for each other."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from cdp_assets.errors import LockedError

BUSY_TIMEOUT_MS = 30_000
AGAIN_S = 0.02


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
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    _use_wal(connection)


def _use_wal(connection: Any) -> None:
    """Turn to WAL, once in a file's life; SQLite does not wait for others there, whatever the busy timeout is."""
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while connection.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(AGAIN_S)
