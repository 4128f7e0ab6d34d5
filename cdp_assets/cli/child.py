"""One program under a guard: its process, its output, its health, and when it is due to start again."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdp_assets.cli import guard
from cdp_assets.cli.logs import LogView, RotatingLog, copy_lines
from cdp_assets.errors import CdpError

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0
STEADY_S = 60.0
"""A program that ran this long starts its count of failures anew."""
MAX_FAILURES = 5
ELSEWHERE_WAIT_S = 2.0
LOOK_STARTING_S, LOOK_READY_S = 0.5, 5.0
NOTHING = "(?!)"
MARGIN_S = guard.KILL_WAIT_S + 1.0
"""What the guard may take beyond the grace that it gives."""


@dataclass(frozen=True)
class Program:
    """What is run, and how one sees that it works."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    healthy: Callable[[int], bool]
    """Asked with the process id, in a thread of its own; may take seconds."""
    after: tuple[str, ...] = ()
    """Programs that must be healthy before its first start."""
    grace_s: float = 10.0
    """Between asking its process group to stop and killing it."""
    start_timeout_s: float = 180.0
    patience_s: float = 90.0
    """How long it may be without health, once it had it, before it is started again."""
    routine: str = NOTHING
    """Lines in which this regular expression is found go to the file and not to the terminal."""
    when_dead: Callable[[], Callable[[], None]] | None = None
    """Called when its whole group has ended of itself; what it gives is called when the program is healthy again."""
    elsewhere: int | None = None
    """The exit status that says: another process does this work now. It is tried again every 2 s."""


class GaveUpError(CdpError):
    """A program fails again and again; the message ends with its log."""


class Child:
    """A program's present process; every method is for the supervisor's main thread."""

    def __init__(self, program: Program, view: LogView, logs: Path, lock: int) -> None:
        self.program, self._view, self._lock = program, view, lock
        self._log = RotatingLog(logs / f"{program.name}.log")
        self.process: subprocess.Popen[bytes] | None = None
        self.ready = False
        """Healthy at the last look, or done elsewhere."""
        self.was_ready = False
        """Ready at some time, so what comes after it may start."""
        self._is_elsewhere = False
        self.starts = 0
        """How often it was started."""
        self._is_asked_again = False
        self._when_back: list[Callable[[], None]] = []
        self._failures = 0
        self._started_at = self._healthy_at = self._looked_at = self._next_start = 0.0
        self._ended_at: float | None = None
        self._reader = self._looker = threading.Thread()

    def tick(self, may_start: bool) -> None:
        """Do what is due: start, look after its health, notice its end. Raises GaveUpError."""
        now = time.monotonic()
        if self.process is None:
            if may_start and now >= self._next_start:
                self._start()
        elif (status := self.process.poll()) is None:
            self._look(now)
            while self.ready and self._when_back:
                self._when_back.pop()()
        elif self._is_gone(now):
            self._reckon(status, now)

    def _start(self) -> None:
        """Start it; in the main thread, because Linux tells a child of the end of the *thread* that started it."""
        words = (str(os.getpid()), str(self.program.grace_s), str(self._lock))
        self.process = subprocess.Popen(
            [sys.executable, "-I", guard.__file__, *words, *self.program.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(self.program.environment),
            pass_fds=(self._lock,),
            start_new_session=True,
        )
        arguments = (self.process.stdout, self.program.name, self._log, self._view, re.compile(self.program.routine))
        self._reader = threading.Thread(target=copy_lines, args=arguments, daemon=True)
        self._reader.start()
        self.starts += 1
        self._started_at = self._healthy_at = time.monotonic()
        self._ended_at = None

    def _look(self, now: float) -> None:
        """Ask for its health in the background; kill one that hangs, so that it is started again."""
        limit_s = self.program.patience_s if self.was_ready else self.program.start_timeout_s
        if now - self._healthy_at > limit_s:
            self._view.say(f"{self.program.name} has not answered for {limit_s:.0f} s; starting it again")
            self.kill()
        elif now - self._looked_at >= (LOOK_READY_S if self.ready else LOOK_STARTING_S) and not self._looker.is_alive():
            self._looked_at = now
            self._looker = threading.Thread(target=self._ask, args=(self.process,), daemon=True)
            self._looker.start()

    def _ask(self, process: subprocess.Popen[bytes]) -> None:
        healthy = self.program.healthy(process.pid)
        if process is not self.process:
            return
        if healthy:
            self._healthy_at = time.monotonic()
            if self._is_elsewhere or (self.was_ready and not self.ready):
                self._view.say(f"{self.program.name} is back ({self._healthy_at - self._started_at:.0f} s)")
            self.was_ready, self._is_elsewhere = True, False
            self.ready = True
        elif not self._is_elsewhere:
            self.ready = False

    def _is_gone(self, now: float) -> bool:
        """Say whether, after the program, the rest of its group has ended too; the guard sees to that."""
        self.ready = False
        if self._ended_at is None:
            self._ended_at = now
        if self._reader.is_alive() and now < self._ended_at + self.program.grace_s + MARGIN_S:
            return False
        self.kill()
        return True

    def _reckon(self, status: int, now: float) -> None:
        """Decide when an ended program starts again, or that it is hopeless."""
        name, ran_s = self.program.name, (self._ended_at or now) - self._started_at
        self.ask_to_stop()
        self.process = None
        if self.program.when_dead is not None:
            self._when_back.append(self.program.when_dead())
        if status == self.program.elsewhere:
            if not self._is_elsewhere:
                self._view.say(f"{name}: another command of this home runs one, which serves while it lasts")
            self.ready = self.was_ready = self._is_elsewhere = True
            self._next_start = now + ELSEWHERE_WAIT_S
            return
        if self._is_asked_again:
            self._is_asked_again, self._next_start = False, now
            return
        self._failures = 1 if ran_s > STEADY_S else self._failures + 1
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        if self._failures >= MAX_FAILURES:
            tail = "\n".join(f"  {line}" for line in list(self._log.recent)[-12:])
            raise GaveUpError(
                f"{name} ended {self._failures} times in a row ({how}). Its last lines:\n{tail}\n"
                f"Expected it to go on running; its log is {self._log.path}, and `./cdp doctor` looks for a cause."
            )
        wait_s = min(FIRST_WAIT_S * 2 ** (self._failures - 1), LONGEST_WAIT_S)
        self._next_start = now + wait_s
        self._view.say(f"{name} ended ({how}) after {ran_s:.0f} s; starting it again in {wait_s:.1f} s")

    def restart(self) -> None:
        """End it, to be started again at once; that is no failure."""
        self._is_asked_again = self.process is not None
        self.ask_to_stop()

    def ask_to_stop(self) -> None:
        """Close the pipe, so that the guard ends the process group."""
        if self.process is not None and self.process.stdin is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()

    def has_ended(self) -> bool:
        """Say whether one that was asked to stop has, with everything that it started."""
        if self.process is None:
            return True
        if self.process.poll() is None or not self._is_gone(time.monotonic()):
            return False
        self.process = None
        return True

    def join(self, hurried: Callable[[], bool]) -> None:
        """Return when all that writes to its log has ended; kill it when `hurried`, or when the grace is over."""
        if self.process is None:
            return
        deadline = time.monotonic() + self.program.grace_s + MARGIN_S
        while self._reader.is_alive() and time.monotonic() < deadline and not hurried():
            self.process.poll()  # takes the dead one away: a zombie would keep its group
            self._reader.join(0.1)
        self.kill()
        self._reader.join(MARGIN_S)
        self.process.wait()
        self.process = None

    def kill(self) -> None:
        """Kill the process group, whatever is left of it."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Close its log."""
        self._log.close()
