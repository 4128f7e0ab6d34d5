"""Becomes a program of `cdp up`, and leaves a watcher that ends the program's whole group when `up` is gone.

Run by path, with the standard library alone: `python guard.py PARENT GRACE_S LOCK_FD COMMAND…`. The process that was
started becomes COMMAND, so its process id is the program's; a fork of it watches. Standard input is a pipe that
the parent holds open and never writes to: the kernel closes it however the parent ends, also by `kill -9`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys
import time

LOOK_S = 0.25
KILL_WAIT_S = 3.0
NOT_FOUND = 127
ASKED_BY = (signal.SIGINT, signal.SIGTERM)
"""What a program is asked to end by."""
_PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Fork the watcher, then become the command."""
    parent, grace_s, lock, command = int(arguments[0]), float(arguments[1]), int(arguments[2]), arguments[3:]
    group = os.getpid()
    for signal_number in ASKED_BY:
        # A shell's background job ignores SIGINT, all that it starts inherits this, and Dagster treats SIGTERM alike.
        signal.signal(signal_number, signal.SIG_DFL)
    end_with_parent(signal.SIGTERM)  # a second net; elsewhere the pipe alone must do
    if os.getppid() != parent:
        sys.exit("cdp up ended before its program began.")
    if os.fork() == 0:
        watch(group, grace_s)
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.set_inheritable(lock, False)  # only watchers hold it: a new `up` waits until they have finished
    try:
        os.execvp(command[0], command)
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        sys.exit(NOT_FOUND)


def end_with_parent(signal_number: int) -> None:
    """Ask Linux for a signal at the parent's end; other systems know no such thing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number)


def watch(group: int, grace_s: float) -> None:
    """Wait until the parent closes the pipe or the program has ended, then end what is left of its group.

    At a stop everybody is asked first. What outlives a program that died is killed: it has lost what it worked for.
    """
    os.setsid()
    for signal_number in (*ASKED_BY, signal.SIGHUP):
        signal.signal(signal_number, signal.SIG_IGN)
    while os.getppid() == group and not _is_closed(LOOK_S):
        pass
    if _is_closed(0):
        end(group, signal.SIGTERM, grace_s)
    end(group, signal.SIGKILL, KILL_WAIT_S)


def _is_closed(wait_s: float) -> bool:
    return bool(select.select([0], [], [], wait_s)[0])  # the parent never writes


def end(group: int, signal_number: int, wait_s: float) -> None:
    """Send a process group a signal and return when it is gone, or after `wait_s`."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal_number)
    deadline = time.monotonic() + wait_s
    while exists(group) and time.monotonic() < deadline:
        time.sleep(0.05)


def exists(group: int) -> bool:
    """Say whether a process group has a member that is more than a zombie.

    Zombies stay where process 1 does not take them away, as in many containers. macOS refuses to signal a group
    of zombies; Linux does not, so its states are read.
    """
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return sys.platform != "linux" or any(_runs_in(group, name) for name in os.listdir("/proc") if name.isdigit())


def _runs_in(group: int, pid: str) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            state, _, its_group = stat.read().rpartition(b")")[2].split()[:3]
    except OSError:
        return False
    return int(its_group) == group and state not in b"ZX"


if __name__ == "__main__":
    main(sys.argv[1:])
