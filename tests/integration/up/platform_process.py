"""A real `cdp up` in a process of its own, as its user starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from cdp_assets.defs.running import ask, running
from cdp_assets.home import REPOSITORY, Home
from tests.unit.cli.processes import alive, descendants, eventually


class PlatformProcess:
    """Starts `cdp up` on a home and collects what it prints."""

    def __init__(self, home: Path, *options: str, tenant: Path = REPOSITORY / "tenant_config") -> None:
        self.home, self.tenant, self.lines = Home(home), tenant, list[str]()
        jars = home / "jars"
        if not jars.exists():
            home.mkdir(parents=True, exist_ok=True)
            jars.symlink_to(REPOSITORY / ".cdp" / "jars")
        self.environment = os.environ | {
            "CDP_HOME": str(home),
            "CDP_TENANT_CONFIG": str(tenant),
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONUNBUFFERED": "1",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "cdp_assets.cli.main", "up", "--spark-memory", "1g", *options],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as stdout:
            self.lines.extend(stdout)

    @property
    def text(self) -> str:
        """All that it has printed."""
        return "".join(list(self.lines))

    def wait_for(self, words: str, within_s: float) -> float:
        """Give the seconds until it prints some words; fails when it does not."""
        started = time.monotonic()
        assert eventually(lambda: words in self.text or self.process.poll() is not None, within_s), self.text
        assert words in self.text, self.text
        return time.monotonic() - started

    def pids(self) -> list[int]:
        """Give it and everything that it has started."""
        return [self.process.pid, *descendants(self.process.pid)]

    def ask(self, query: str, **variables: object) -> Any:
        """Ask its webserver."""
        found = running(self.home)
        assert found is not None
        return ask(found.url, "/graphql", {"query": query, "variables": variables}, timeout_s=30)["data"]

    def cdp(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another command on the same home."""
        command = [sys.executable, "-m", "cdp_assets.cli.main", *words]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def end(self, sign: int) -> list[int]:
        """Send a signal; give what is still alive some seconds after it has ended."""
        pids = self.pids()
        self.process.send_signal(sign)
        self.process.wait(60)
        eventually(lambda: not alive(pids), within_s=20)
        return alive(pids)
