"""Opens the state: SQLite by default, Postgres by URL; one writer at a time, readers never wait."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from cdp_assets.errors import StateError
from cdp_assets.state import postgres, sqlite

MIGRATIONS = Path(__file__).parent / "migrations"
DIALECTS = {"sqlite": sqlite, "postgresql": postgres}
"""Dialect -> the module that connects and begins its transactions."""


class State:
    """The relational store of one installation.

    No transaction stays open across I/O: callers do their work first, then write the row that says so.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._dialect = DIALECTS[engine.dialect.name]

    @classmethod
    def open(cls, where: str | Path) -> State:
        """Connect and bring the schema up to date. `where` is a file, or a SQLAlchemy URL.

        Raises StateError for a database that is not SQLite or Postgres, or does not answer.
        """
        state = cls(connect(where))
        try:
            state.migrate()
        except OperationalError as error:
            if error.statement is not None:
                raise
            raise _no_answer(state.engine.url, error) from None
        return state

    def migrate(self) -> None:
        """Run the migrations that are missing, under the writer's lock; where none is, only look."""
        if self._schema() == newest_schema():
            return
        import alembic.command  # takes 0.2 s, and nearly every process finds the schema up to date
        import alembic.config

        settings = alembic.config.Config()
        settings.set_main_option("script_location", str(MIGRATIONS))
        with self.write() as conn:
            settings.attributes["connection"] = conn
            alembic.command.upgrade(settings, "head")

    def _schema(self) -> str | None:
        with self.read() as conn:
            if not sa.inspect(conn).has_table("alembic_version"):
                return None
            return conn.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()

    @contextlib.contextmanager
    def write(self) -> Iterator[Connection]:
        """Hold the writer's lock for one short transaction; commit on leaving, undo on an error.

        Raises LockedError where another writer does not let go of the lock.
        """
        with self.engine.connect() as conn:
            self._dialect.begin_write(conn)
            try:
                yield conn
            except BaseException:
                conn.rollback()
                raise
            conn.commit()

    @contextlib.contextmanager
    def read(self) -> Iterator[Connection]:
        """Give one consistent view, that of the first query; nothing can be written through it."""
        with self.engine.connect() as conn:
            self._dialect.begin_read(conn)
            try:
                yield conn
            finally:
                conn.rollback()


def newest_schema() -> str:
    """Give the revision that the last migration leads to; its file's name begins with it.

    >>> newest_schema() >= "0003"
    True
    """
    return max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def connect(where: str | Path) -> Engine:
    """Give an engine for a file or a URL, without touching the schema."""
    if "://" not in str(where):
        Path(where).parent.mkdir(parents=True, exist_ok=True)
        return sqlite.engine(sa.URL.create("sqlite", database=str(where)))
    try:
        url = sa.make_url(str(where))
    except sa.exc.ArgumentError:
        raise _bad_url("it") from None  # the message of the library may hold the URL, and so the password
    if url.get_backend_name() in ("postgres", "postgresql"):
        return postgres.engine(url)
    if url.get_backend_name() == "sqlite":
        return sqlite.engine(url)
    raise _bad_url(url.get_backend_name())


def _bad_url(what: str) -> StateError:
    return StateError(
        f"CDP_STATE_URL: {what} cannot be used. Expected postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
        "or nothing for a SQLite file in the home."
    )


def _no_answer(url: sa.URL, error: OperationalError) -> StateError:
    """Say which database does not answer and why, never with the URL itself: it may hold a password."""
    reason = " ".join(str(error.orig).split())
    for secret in (url.password, url.query.get("password")):
        reason = reason.replace(str(secret), "…") if secret else reason
    where = f"the {url.get_backend_name()} database {url.database} on {url.host or 'this machine'}"
    return StateError(f"state: cannot connect to {where}: {reason}. Expected it to be there and to let us in.")


def now() -> dt.datetime:
    """Give the present moment in UTC, for ledger rows."""
    return dt.datetime.now(dt.UTC)


def utc(moment: dt.datetime) -> dt.datetime:
    """Give a stored moment its zone back: SQLite keeps none."""
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)
