"""Keeps programs running until a signal: in order, again when one dies, and without an orphan at the end."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from cdp_assets.cli.child import Child, Program
from cdp_assets.cli.logs import LogView

TICK_S = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Supervisor:
    """Runs programs; the first signal stops them in order, a second one at once.

    `lock` is an open file descriptor that every guard holds on to, so that whoever waits for that lock
    knows that nothing of an earlier supervisor is left.
    """

    def __init__(self, programs: Sequence[Program], view: LogView, logs: Path, lock: int) -> None:
        self._view, self._logs, self._lock = view, logs, lock
        self.children = {program.name: Child(program, view, logs, lock) for program in programs}
        self.leaving: list[Child] = []
        """Children that are no longer wanted and have not ended yet."""
        self._signals = 0  # a plain number: taking an Event's lock in a signal handler may wait for oneself

    def add(self, program: Program) -> None:
        """Run one more program from now on."""
        self.children[program.name] = Child(program, self._view, self._logs, self._lock)

    def remove(self, name: str) -> None:
        """End a program, and do not start it again."""
        child = self.children.pop(name)
        child.ask_to_stop()
        self.leaving.append(child)

    def run(self, when_ready: Callable[[float], None], each_tick: Callable[[], None] = lambda: None) -> None:
        """Run until a signal; call `when_ready` once, with the seconds that it took. Raises GaveUpError.

        From then on `each_tick` is called again and again; it must be quick.
        """
        before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        started, told = time.monotonic(), False
        try:
            while not self._signals and not self._view.closed.is_set():
                for child in self.children.values():
                    child.tick(may_start=all(self.children[name].was_ready for name in child.program.after))
                if not told and all(child.ready for child in self.children.values()):
                    told = True
                    when_ready(time.monotonic() - started)
                if told:
                    each_tick()
                    self._see_off()
                time.sleep(TICK_S)
        finally:
            self._stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _see_off(self) -> None:
        for child in [child for child in self.leaving if child.has_ended()]:
            child.close()
            self.leaving.remove(child)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        self._signals += 1

    def _stop(self) -> None:
        """End every program, the last one first, each within its grace."""
        started = time.monotonic()
        self._view.say("Stopping … (Ctrl-C again stops at once)")
        for child in (*self.leaving, *reversed(self.children.values())):
            child.ask_to_stop()
            child.join(lambda: self._signals > 1)
            child.close()
        self._view.say(f"Stopped ({time.monotonic() - started:.0f} s)")
