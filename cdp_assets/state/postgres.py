"""The state on Postgres: an advisory lock lets one writer in at a time, a snapshot serves each reader."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from cdp_assets.errors import LockedError

DRIVER = "postgresql+psycopg"
LOCK_TIMEOUT_MS = 30_000
WRITER = 0x6364705F7374  # "cdp_st": one number for every installation; a lock belongs to one database
CONNECT_TIMEOUT_S = 10
LOCK_NOT_AVAILABLE = "55P03"


def engine(url: sa.URL) -> Engine:
    """Give an engine that connects anew for each transaction, through psycopg whatever driver the URL names.

    Nothing is pooled: the platform makes a State in many short processes and threads, each of which would
    otherwise keep idle connections; a connection on the same machine costs about 3 ms.
    """
    arguments = {"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "cdp", "options": "-c timezone=UTC"}
    given = {name: url.query[name] for name in arguments if name in url.query}
    return sa.create_engine(
        url.set(drivername=DRIVER), poolclass=sa.NullPool, hide_parameters=True, connect_args=arguments | given
    )


def begin_write(conn: Connection) -> None:
    """Wait for the writer's lock and take it; the transaction's end gives it back."""
    conn.exec_driver_sql(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
    try:
        conn.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER})")
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
            raise
        raise LockedError(
            f"state: another process has been writing for {LOCK_TIMEOUT_MS // 1000} s. Expected it to end; "
            "pg_stat_activity names it, and the lock goes with its connection."
        ) from None


def begin_read(conn: Connection) -> None:
    """Let the transaction see one moment and write nothing."""
    conn.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
