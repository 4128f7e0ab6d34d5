"""A real Postgres server for tests: its own, in a temporary folder, on loopback, stopped by its process id."""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.lifetimes import ended_with_us
from tests.ports import free_port

ACCOUNTS = ("postgres", "nobody")
"""Who runs the server where the tests run as root: Postgres refuses to be root."""
STARTS_WITHIN_S = 30


@dataclass(frozen=True)
class PostgresServer:
    """A running server; each test gets a database of its own in it."""

    port: int
    password: str

    def new_database(self) -> str:
        """Make an empty database and give its URL."""
        name = f"t_{secrets.token_hex(6)}"
        with self.connect("postgres") as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def url(self, database: str) -> str:
        """Give a database's URL as an operator writes it."""
        return f"postgresql://cdp:{self.password}@127.0.0.1:{self.port}/{database}"

    def connect(self, database: str) -> psycopg.Connection:
        """Connect past the platform; every statement commits by itself."""
        return psycopg.connect(self.url(database), autocommit=True)


@functools.cache
def binaries() -> Path | None:
    """Give the folder of Postgres' programs, the newest one installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


@contextlib.contextmanager
def running_server() -> Iterator[PostgresServer]:
    """Run a server for the block."""
    programs = binaries()
    if programs is None:
        pytest.skip("postgresql is not installed")
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="cdp-postgres-"))  # not pytest's: its folders are closed to other accounts
    try:
        password, port = secrets.token_hex(16), free_port()
        secret = folder / "password"
        secret.write_text(password)
        if account is not None:
            for path in (folder, secret):
                os.chown(path, account.pw_uid, account.pw_gid)
        options = ["-U", "cdp", "-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8", "--locale=C", "--no-sync"]
        _start([programs / "initdb", "-D", folder / "data", *options], account, folder).wait(STARTS_WITHIN_S)
        server = PostgresServer(port, password)
        settings = ("listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off")
        flags = [part for setting in settings for part in ("-c", setting)]
        process = _start([programs / "postgres", "-D", folder / "data", "-p", str(port), *flags], account, folder)
        try:
            _wait_for(server, process, folder)
            with ended_with_us(process.pid):
                yield server
        finally:
            process.send_signal(signal.SIGINT)  # its fast shutdown: closes the connections, then ends
            process.wait(STARTS_WITHIN_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(command: list[str | Path], account: pwd.struct_passwd | None, folder: Path) -> subprocess.Popen[bytes]:
    as_user = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "Asia/Tokyo"}  # far from UTC, so that it shows
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            [str(part) for part in command], cwd=folder, env=environment, stdout=log, stderr=log, **as_user
        )


def _wait_for(server: PostgresServer, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while True:
        with contextlib.suppress(psycopg.OperationalError), server.connect("postgres"):
            return
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"Postgres did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.05)


def _account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next(known[name] for name in ACCOUNTS if name in known)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for the session, started for the first test that needs it."""
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty state can be opened: a file, and a database of the server."""
    if request.param == "sqlite":
        return str(tmp_path / "state.db")
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database()
