"""The state under several processes, and under kill -9."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DatabaseError

from cdp_assets.errors import LockedError
from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION
from cdp_assets.security.audit import record
from cdp_assets.state import audit_log, deletions, environments, tables
from cdp_assets.state.database import State
from cdp_assets.state.leases import lease

WRITER = """
import sys
import threading
from pathlib import Path
from cdp_assets.state.database import State
from cdp_assets.state import deletions
state = State.open(sys.argv[1])
for number in range(50):
    with state.write() as conn:
        deletions.add(conn, environment="production", datasource="d", pk=f"{sys.argv[2]}-{number}", why="w",
                      requested_by="u")
"""
DYING = """
import os, signal, sys
from cdp_assets.state.database import State
from cdp_assets.state import deletions
with State.open(sys.argv[1]).write() as conn:
    deletions.add(conn, environment="production", datasource="d", pk="half", why="w", requested_by="u")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def start(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start a process that uses the state."""
    return subprocess.Popen([sys.executable, "-c", code, *arguments], env=os.environ | {"PYTHONPATH": str(REPOSITORY)})


@pytest.fixture
def path(place: str) -> str:
    """A migrated state with production in it."""
    with State.open(place).write() as conn:
        environments.get_or_create(conn, PRODUCTION)
    return place


def keys(path: str) -> frozenset[str]:
    """Give the deleted keys."""
    with State.open(path).read() as conn:
        return deletions.keys_for(conn, PRODUCTION, "d")


def test_writers_wait_for_each_other_and_lose_nothing(path: str) -> None:
    """Four processes, fifty transactions each."""
    writers = [start(WRITER, path, str(number)) for number in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    assert len(keys(path)) == 200


def test_a_kill_inside_a_transaction_leaves_the_old_state(path: str) -> None:
    """And the next writer is not kept waiting."""
    assert start(DYING, path).wait(60) == -signal.SIGKILL
    assert keys(path) == frozenset()
    assert start(WRITER, path, "next").wait(60) == 0


def test_processes_that_open_an_empty_state_together_migrate_it_once(place: str) -> None:
    """The migration holds a lock."""
    openers = [
        start("import sys; from cdp_assets.state.database import State; State.open(sys.argv[1])", place)
        for _ in range(4)
    ]
    assert [opener.wait(60) for opener in openers] == [0] * 4
    with State.open(place).read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(tables.run)).scalar() == 0


def test_an_empty_file_that_somebody_holds_is_waited_for(tmp_path: Path) -> None:
    """SQLite itself gives up at once when a file is to turn to WAL while another process is about to write it."""
    holder = sqlite3.connect(tmp_path / "state.db", isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN IMMEDIATE")
    released = threading.Timer(0.5, holder.rollback)
    released.start()
    try:
        with State.open(tmp_path / "state.db").read() as conn:
            assert conn.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    finally:
        released.join()
        holder.close()


def test_a_lease_keeps_others_out_and_says_who_holds_it(path: str) -> None:
    """The fence of each holder is higher than the one before."""
    state = State.open(path)
    with (
        lease(state, "apply", holder="ann") as first,
        pytest.raises(LockedError, match="ann"),
        lease(state, "apply", holder="bob"),
    ):
        raise AssertionError
    with lease(state, "apply", holder="bob") as second:
        assert second > first


def test_the_audit_log_cannot_be_rewritten(path: str) -> None:
    """The database itself refuses, and the chain of hashes is whole."""
    state = State.open(path)
    for resource in ("one", "two"):
        with state.write() as conn:
            record(conn, "ann", "environment:apply", resource)
    for statement in (sa.update(tables.audit).values(resource="x"), sa.delete(tables.audit)):
        with pytest.raises(DatabaseError), state.write() as conn:
            conn.execute(statement)
    with state.read() as conn:
        assert audit_log.broken_at(conn) is None
