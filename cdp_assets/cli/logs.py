"""One view of many processes' output: each line named and coloured on the terminal, whole in a file per process."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

import click

MAX_LOG_BYTES = 10 << 20
KEPT_LOGS = 3
MAX_LINE_BYTES = 64 << 10
COLOURS = ("cyan", "magenta", "green", "yellow", "blue")
_RUN_LINE = re.compile(r"^\S+ \S+ \+0000 - dagster - INFO - \S+ - ([0-9a-f]{8})[0-9a-f-]{28} - \S+ - ")
_DATE = re.compile(r"^\d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)\S*( \+0000 -)? ")
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class RotatingLog:
    """A log file that starts anew at 10 MB and keeps three older ones (`.1` is the newest of them)."""

    def __init__(self, path: Path, max_bytes: int = MAX_LOG_BYTES) -> None:
        self.path, self._max_bytes = path, max_bytes
        self.recent: deque[str] = deque(maxlen=30)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab")

    def write(self, line: bytes) -> None:
        """Append one line."""
        if self._file.tell() + len(line) > self._max_bytes:
            self._rotate()
        self._file.write(line)
        self._file.flush()
        self.recent.append(plain(line))

    def _rotate(self) -> None:
        self._file.close()
        for number in range(KEPT_LOGS - 1, 0, -1):
            older = self.path.with_name(f"{self.path.name}.{number}")
            if older.exists():
                os.replace(older, self.path.with_name(f"{self.path.name}.{number + 1}"))
        os.replace(self.path, self.path.with_name(f"{self.path.name}.1"))
        self._file = self.path.open("ab")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class LogView:
    """Prints lines of several sources on one stream; `closed` is set when the reader has gone away."""

    def __init__(self, names: Sequence[str], stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stdout
        self._width = max(map(len, names))
        self._colours = dict(zip(names, COLOURS, strict=False))
        self._coloured = self._stream.isatty() and "NO_COLOR" not in os.environ
        self._quiet = quiet
        self._lock = threading.Lock()
        self.closed = threading.Event()

    def show(self, name: str, line: str) -> None:
        """Print a process's line, unless the view is a quiet one."""
        if not self._quiet:
            self._print(name, line)

    def say(self, text: str) -> None:
        """Print lines of `cdp up` itself."""
        for line in text.splitlines():
            self._print("cdp", line)

    def _print(self, name: str, line: str) -> None:
        prefix = f"{name:<{self._width}} │"
        if self._coloured:
            prefix = click.style(prefix, fg=self._colours.get(name), bold=name == "cdp")
        with self._lock:
            try:
                print(f"{prefix} {line}", file=self._stream, flush=True)
            except (OSError, ValueError):
                self.closed.set()


def copy_lines(source: BinaryIO, name: str, log: RotatingLog, view: LogView, routine: re.Pattern[str]) -> None:
    """Bring a process's output, to its end, into its file and, but for routine lines, into the view."""
    with source:
        while line := source.readline(MAX_LINE_BYTES):
            log.write(line if line.endswith(b"\n") else line + b"\n")
            if (text := plain(line)) and not routine.search(text):
                view.show(name, short(text))


def plain(line: bytes) -> str:
    """Give a line as text, without the escapes that colour it."""
    return _ESCAPES.sub("", line.decode(errors="replace")).rstrip()


def short(text: str) -> str:
    """Give a line as the terminal shows it: of Dagster's prefix the time, or the run, is enough.

    >>> short("2026-11-20 04:30:02 +0000 - dagster.daemon - INFO - Launched 1 runs.")
    '04:30:02 dagster.daemon - INFO - Launched 1 runs.'
    """
    return _DATE.sub(r"\1 ", _RUN_LINE.sub(r"run \1  ", text))
