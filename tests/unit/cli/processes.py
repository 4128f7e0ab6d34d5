"""Small real processes for tests of supervision, and who of them is alive."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable

import psutil

from cdp_assets.cli.child import Program

WAITS = "exec sleep 60"
STUBBORN = "trap '' TERM; exec sleep 60"
FAMILY = "sleep 60 > /dev/null 2>&1 & (trap '' TERM; echo family; exec sleep 60) & wait"
"""A program with two children: one that writes elsewhere, one that ignores SIGTERM and says so; a guard makes four."""
FAMILY_SIZE = 4


def shell(text: str) -> list[str]:
    """Give the command that runs a line of shell, which starts faster than Python."""
    return ["/bin/sh", "-c", text]


def python(text: str) -> list[str]:
    """Give the command that runs a few lines of Python."""
    return [sys.executable, "-c", text]


def program(name: str, text: str, **more: object) -> Program:
    """Give a program that is healthy as soon as it runs."""
    settings: dict[str, object] = {"healthy": lambda _: True, "grace_s": 0.3} | more
    return Program(name, shell(text), os.environ, **settings)  # type: ignore[arg-type]


def descendants(pid: int) -> list[int]:
    """Give a process's descendants."""
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def alive(pids: Iterable[int]) -> list[int]:
    """Give those that run; one that has ended and was not yet taken away does not."""
    return [pid for pid in pids if psutil.pid_exists(pid) and _status(pid) != psutil.STATUS_ZOMBIE]


def _status(pid: int) -> str:
    try:
        return str(psutil.Process(pid).status())
    except psutil.NoSuchProcess:
        return psutil.STATUS_ZOMBIE


def eventually(fact: Callable[[], bool], within_s: float = 10.0) -> bool:
    """Say whether something becomes true."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if fact():
            return True
        time.sleep(0.02)
    return fact()
