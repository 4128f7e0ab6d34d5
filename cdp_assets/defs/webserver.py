"""Dagster's webserver, whose code locations come and go without a reload of those that stay."""

from __future__ import annotations

import sys

import dagster as dg
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._utils.interrupts import setup_interrupt_handlers
from dagster._utils.log import configure_loggers
from dagster_webserver.cli import (
    DEFAULT_DB_STATEMENT_TIMEOUT,
    DEFAULT_POOL_MAX_OVERFLOW,
    DEFAULT_POOL_RECYCLE,
    host_dagster_ui_with_workspace_process_context,
)
from dagster_webserver.version import __version__

POLL_MS = 2000
"""How often the UI asks for what is new; Dagster's own default."""


class Workspace(WorkspaceProcessContext):
    """The code locations of the workspace file.

    Dagster's own starts every code server's code anew when the file is read again: a sandbox that comes would
    reload production. Here only what is new is loaded; a location is reloaded when it is asked for by name.
    """

    def reload_workspace(self) -> None:
        """Read the file again."""
        self.refresh_workspace()


def main(host: str, port: str, workspace: str) -> None:
    """Serve the UI until a signal."""
    configure_loggers(log_level="WARNING")
    setup_interrupt_handlers()
    with dg.DagsterInstance.get() as instance:
        instance.optimize_for_webserver(DEFAULT_DB_STATEMENT_TIMEOUT, DEFAULT_POOL_RECYCLE, DEFAULT_POOL_MAX_OVERFLOW)
        with Workspace(instance, WorkspaceFileTarget([workspace]), version=__version__) as served:
            host_dagster_ui_with_workspace_process_context(served, host, int(port), "", "warning", POLL_MS)


if __name__ == "__main__":
    main(*sys.argv[1:])
