"""Applies a saved plan in a process of its own, and kills itself at the n-th thing that it does to the world.

Forks one such process for each line of arguments on standard input, so that the imports are paid once.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from sqlalchemy import event

from cdp_assets.environments.apply import Options, apply_plan
from cdp_assets.environments.plan import read_plan
from tests.integration.environments.shop import Shop

EFFECTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "subprocess.Popen"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Killer:
    """Counts effects as Python's audit hooks and the database's driver report them; nobody lists them."""

    def __init__(self, root: Path, at: int) -> None:
        self._root, self._at, self.count = str(root), at, 0

    def install(self, shop: Shop) -> None:
        """Listen from now on."""
        sys.addaudithook(self._audit)
        event.listen(shop.state.engine, "begin", lambda _: self._one())
        event.listen(shop.state.engine, "commit", lambda _: self._one())

    def _audit(self, name: str, arguments: tuple[Any, ...]) -> None:
        if name in EFFECTS or (name == "open" and self._writes(*arguments)):
            self._one()

    def _writes(self, path: object, _mode: object, flags: object) -> bool:
        return str(path).startswith(self._root) and isinstance(flags, int) and bool(flags & WRITES)

    def _one(self) -> None:
        self.count += 1
        if self.count == self._at:
            os.kill(os.getpid(), signal.SIGKILL)


def main(root: str, where: str, plan_file: str, kill_at: str) -> None:
    """Apply; print how many effects there were."""
    shop = Shop(Path(root), where)
    plan = read_plan(json.loads(Path(plan_file).read_text()))
    killer = Killer(Path(root), int(kill_at))
    killer.install(shop)
    apply_plan(shop.state, plan, "ann", Options(message="try", delete_sandbox=True), shop.ports())
    sys.stdout.write(f"{killer.count}\n")


def forked(arguments: list[str]) -> tuple[int, str]:
    """Apply in a child; give its exit code, negative where a signal ended it, and what it said."""
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.dup2(writes, 1)
        os.dup2(writes, 2)
        code = 1
        try:
            main(*arguments)
            code = 0
        except Exception:  # noqa: BLE001 - the parent shows it
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    os.close(writes)
    with os.fdopen(reads) as said:
        text = said.read()
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text


if __name__ == "__main__":
    for line in sys.stdin:
        sys.stdout.write(json.dumps(forked(json.loads(line))) + "\n")
        sys.stdout.flush()
