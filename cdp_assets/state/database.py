"""Opens the state database: SQLite by default, Postgres by URL; one writer at a time, readers never wait."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

BUSY_TIMEOUT_MS = 30_000
MIGRATIONS = Path(__file__).parent / "migrations"


class State:
    """The relational store of one installation.

    No transaction stays open across I/O: callers do their work first, then write the row that says so.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, where: str | Path) -> State:
        """Connect and bring the schema up to date. `where` is a file, or a SQLAlchemy URL."""
        text = str(where)
        if "://" not in text:
            Path(text).parent.mkdir(parents=True, exist_ok=True)
            text = f"sqlite:///{text}"
        engine = sa.create_engine(text, pool_pre_ping=True, hide_parameters=True)
        if engine.dialect.name == "sqlite":
            _configure_sqlite(engine)
        state = cls(engine)
        state.migrate()
        return state

    def migrate(self) -> None:
        """Run the migrations that are missing, under the writer's lock."""
        settings = alembic.config.Config()
        settings.set_main_option("script_location", str(MIGRATIONS))
        with self.write() as conn:
            settings.attributes["connection"] = conn
            alembic.command.upgrade(settings, "head")

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Hold the writer's lock for one short transaction; commit on leaving, undo on an error."""
        with self.engine.connect() as conn:
            if conn.dialect.name == "sqlite":
                conn.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield conn
            except BaseException:
                conn.rollback()
                raise
            conn.commit()

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Give one consistent view; nothing can be written through it."""
        with self.engine.connect() as conn:
            if conn.dialect.name == "sqlite":
                conn.exec_driver_sql("BEGIN")
            try:
                yield conn
            finally:
                conn.rollback()


def _configure_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions are ours: BEGIN IMMEDIATE, not Python's lazy BEGIN
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")


def now() -> dt.datetime:
    """Give the present moment in UTC, for ledger rows."""
    return dt.datetime.now(dt.UTC)


def utc(moment: dt.datetime) -> dt.datetime:
    """Give a stored moment its zone back: SQLite keeps none."""
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
