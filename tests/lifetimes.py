"""Servers that end with the tests, however the tests end."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator

WATCHER = "import os, signal, sys; sys.stdin.read() or os.kill(int(sys.argv[1]), signal.SIGINT)"


@contextlib.contextmanager
def ended_with_us(pid: int) -> Iterator[None]:
    """Have a process ended should this one be killed, as pytest-xdist kills its workers at Ctrl-C."""
    command = [sys.executable, "-c", WATCHER, str(pid)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True) as watcher:
        yield
        watcher.communicate(b"all is well")
