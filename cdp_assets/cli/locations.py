"""One code server per environment: those of sandboxes come and go with the sandboxes, without a restart of `cdp up`."""

from __future__ import annotations

import http.client
import threading
import time
from pathlib import Path

from cdp_assets.cli.logs import LogView
from cdp_assets.cli.programs import Ports, code_program, workspace_text
from cdp_assets.cli.supervise import Supervisor
from cdp_assets.defs.running import ask
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.output import write_whole

INTERVAL_S = 1.0
RELOAD_WORKSPACE = "mutation { reloadWorkspace { __typename } }"


class Locations:
    """Looks at the sandboxes there are, and makes Dagster's workspace follow them.

    The daemon reads its workspace when it starts, and then only once a minute; a run that it does not know the
    location of fails for good. So the order is: code server, workspace file, a new daemon, and only then the
    webserver, from which runs are started.
    """

    def __init__(self, home: Home, sockets: Path, ports: Ports, supervisor: Supervisor, view: LogView) -> None:
        self._home, self._sockets, self._ports = home, sockets, ports
        self._supervisor, self._view = supervisor, view
        self._shown = {PRODUCTION}
        self._next_look = 0.0
        self._daemons = 0
        """How often the daemon had started when the workspace last changed."""
        self._is_told = True
        self._teller = threading.Thread()

    def tick(self) -> None:
        """Do what is due; called again and again from the supervisor's loop."""
        now = time.monotonic()
        if now < self._next_look:
            return
        self._next_look = now + INTERVAL_S
        wanted = self._sandboxes()
        for environment in sorted(wanted - self._served()):
            self._view.say(f"sandbox {environment}: starting its code server")
            self._supervisor.add(code_program(self._home, self._sockets, environment))
        shown = {PRODUCTION, *(one for one in wanted if self._supervisor.children[f"code:{one}"].was_ready)}
        if shown != self._shown and not self._teller.is_alive():
            self._show(shown)
        elif not self._is_told and not self._teller.is_alive():
            self._tell()
        is_settled = self._is_told and not self._teller.is_alive()
        for environment in sorted(self._served() - wanted - self._shown) if is_settled else ():
            self._view.say(f"sandbox {environment}: gone; stopping its code server")
            self._supervisor.remove(f"code:{environment}")

    def _served(self) -> set[str]:
        return {name.removeprefix("code:") for name in self._supervisor.children if name.startswith("code:")}

    def _sandboxes(self) -> set[str]:
        from cdp_assets.defs.platform import state_of
        from cdp_assets.state import sandboxes

        with state_of(self._home.state).read() as conn:
            return {one.environment for one in sandboxes.listed(conn) if one.state == "open"}

    def _show(self, shown: set[str]) -> None:
        """Write the workspace and let a new daemon read it."""
        write_whole(self._home.dagster / "workspace.yaml", workspace_text(self._sockets, sorted(shown)))
        self._shown, self._is_told = shown, False
        daemon = self._supervisor.children["daemon"]
        self._daemons = daemon.starts
        daemon.restart()

    def _tell(self) -> None:
        """Let the webserver read the workspace, once the old daemon is gone."""
        if self._supervisor.children["daemon"].starts == self._daemons:
            return
        self._is_told = True
        self._teller = threading.Thread(target=self._reload, daemon=True)
        self._teller.start()

    def _reload(self) -> None:
        try:
            ask(self._ports.url, "/graphql", {"query": RELOAD_WORKSPACE}, timeout_s=60)
        except (OSError, http.client.HTTPException, ValueError):
            self._is_told = False  # not there now: told at the next look
