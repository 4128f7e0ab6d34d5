"""A guard's promise: when the parent or the program is gone, the program's whole group is gone."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp_assets.cli import guard
from tests.unit.cli.processes import FAMILY, FAMILY_SIZE, WAITS, alive, descendants, eventually, python, shell


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    """A descriptor for guards to hold on to."""
    with (tmp_path / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file.fileno()


def guarded(lock: int, command: list[str], grace_s: float = 0.3) -> subprocess.Popen[bytes]:
    """Start a command as the supervisor does."""
    return subprocess.Popen(
        [sys.executable, "-I", guard.__file__, str(os.getpid()), str(grace_s), str(lock), *command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=(lock,),
        start_new_session=True,
    )


def output(process: subprocess.Popen[bytes]) -> bytes:
    """Give all of a short output, once the program has ended; the end of it comes when its guard has ended too."""
    process.wait()  # first: a program that was not taken away is a zombie, and keeps its group
    assert process.stdout is not None
    with process.stdout as stdout:
        return stdout.read()


def test_the_program_has_the_process_id_that_was_started_and_its_own_exit_status(lock: int) -> None:
    process = guarded(lock, python("import os, sys; print(os.getpid(), os.getpgrp()); sys.exit(7)"))
    assert output(process).split() == [str(process.pid).encode()] * 2
    assert process.returncode == 7


def test_the_program_reads_nothing_from_the_pipe(lock: int) -> None:
    process = guarded(lock, shell("cat; echo done"))
    assert output(process) == b"done\n"


@pytest.mark.parametrize("sign", guard.ASKED_BY)
def test_a_program_can_be_asked_to_end_whatever_its_starter_ignores(lock: int, sign: signal.Signals) -> None:
    """As that of a script's background job does."""
    before = signal.signal(sign, signal.SIG_IGN)
    try:
        process = guarded(lock, shell(f"echo begun; {WAITS}"))
    finally:
        signal.signal(sign, before)
    assert process.stdout is not None
    assert process.stdout.readline() == b"begun\n"
    process.send_signal(sign)
    output(process)
    assert process.returncode == -sign


def test_a_command_that_is_absent_is_named(lock: int) -> None:
    process = guarded(lock, ["no-such-program"])
    output(process)
    assert process.returncode == guard.NOT_FOUND


def test_closing_the_pipe_ends_the_family_even_the_stubborn_one(lock: int) -> None:
    process = guarded(lock, shell(FAMILY))
    assert process.stdout is not None
    assert process.stdin is not None
    assert process.stdout.readline() == b"family\n"
    family = [process.pid, *descendants(process.pid)]
    assert len(family) == FAMILY_SIZE
    started = time.monotonic()
    process.stdin.close()
    process.wait()
    assert eventually(lambda: not alive(family))
    assert 0.3 < time.monotonic() - started < 5, "the stubborn child has its grace, and no more"
    process.stdout.close()


def test_children_of_a_killed_program_are_killed_without_a_grace(lock: int) -> None:
    process = guarded(lock, shell(FAMILY), grace_s=60)
    assert process.stdout is not None
    assert process.stdout.readline() == b"family\n"
    family = [process.pid, *descendants(process.pid)]
    process.kill()
    process.wait()
    assert eventually(lambda: not alive(family))
    process.stdout.close()


def test_a_killed_parent_takes_everything_with_it(lock: int, tmp_path: Path) -> None:
    """The parent starts a guarded family and dies by SIGKILL, without a chance to say anything."""
    parent_text = f"""
import os, subprocess, sys, time
lock = os.open({str(tmp_path / "other")!r}, os.O_CREAT | os.O_RDWR)
process = subprocess.Popen(
    [sys.executable, "-I", {guard.__file__!r}, str(os.getpid()), "0.3", str(lock), "/bin/sh", "-c", {FAMILY!r}],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=(lock,), start_new_session=True,
)
print(process.stdout.readline().decode(), flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen(python(parent_text), stdout=subprocess.PIPE)
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"family\n"
    family = descendants(parent.pid)
    assert len(family) == FAMILY_SIZE
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    assert eventually(lambda: not alive(family))
    parent.stdout.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a program of its parent's end")
def test_without_its_guard_the_program_still_ends_with_its_parent(tmp_path: Path) -> None:
    parent_text = f"""
import os, subprocess, sys, time
lock = os.open({str(tmp_path / "other")!r}, os.O_CREAT | os.O_RDWR)
process = subprocess.Popen(
    [sys.executable, "-I", {guard.__file__!r}, str(os.getpid()), "0.3", str(lock), "/bin/sh", "-c", {WAITS!r}],
    stdin=subprocess.PIPE, pass_fds=(lock,), start_new_session=True,
)
print(process.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen(python(parent_text), stdout=subprocess.PIPE)
    assert parent.stdout is not None
    program = int(parent.stdout.readline())
    assert eventually(lambda: len(descendants(program)) == 1)
    os.kill(descendants(program)[0], signal.SIGKILL)
    parent.kill()
    parent.wait()
    assert eventually(lambda: not alive([program]))
    parent.stdout.close()


def test_the_lock_is_held_until_the_last_of_the_group_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "held"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        process = guarded(file.fileno(), shell(FAMILY), grace_s=1.0)
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"family\n"
        stubborn = descendants(process.pid)
    with path.open() as other:
        process.stdin.close()
        process.wait()
        fcntl.flock(other, fcntl.LOCK_EX)  # returns when the guard has let go
        assert not alive(stubborn[1:])
    process.stdout.close()
