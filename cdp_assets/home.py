"""Where everything that runs lives on disk: one folder, `.cdp/` unless CDP_HOME says otherwise."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Home:
    """The folders of one installation; nothing outside them is written."""

    root: Path

    @classmethod
    def locate(cls) -> Home:
        """Give the home that CDP_HOME names, else `.cdp` beside the package."""
        return cls(Path(os.environ.get("CDP_HOME") or REPOSITORY / ".cdp").resolve())

    @property
    def lake(self) -> Path:
        """Landed files and tables, each below its environment's name."""
        return self.root / "lake"

    @property
    def state(self) -> str:
        """The state database: CDP_STATE_URL where it is set, else a SQLite file here."""
        return os.environ.get("CDP_STATE_URL") or str(self.root / "state.db")

    @property
    def dagster(self) -> Path:
        """DAGSTER_HOME: runs, events and `dagster.yaml`."""
        return self.root / "dagster"

    def drop(self, environment: str) -> Path:
        """Where files arrive: one folder per courier below it."""
        return self.root / "drop" / environment

    def outbox(self, environment: str) -> Path:
        """Where local destinations deliver."""
        return self.root / "outbox" / environment

    @property
    def outgoing(self) -> Path:
        """Where exports are made before they are sent; empty while nothing is."""
        return self.root / "outgoing"

    @property
    def logs(self) -> Path:
        """One log file per process of `cdp up`."""
        return self.root / "logs"

    @property
    def cache(self) -> Path:
        """What is quicker to read than to work out again; may be deleted at any time."""
        return self.root / "cache"

    @property
    def tenant_config(self) -> Path:
        """The tenant's configuration in git; CDP_TENANT_CONFIG names another folder."""
        return Path(os.environ.get("CDP_TENANT_CONFIG") or REPOSITORY / "tenant_config").resolve()

    @property
    def sandboxes(self) -> Path:
        """Where sandboxes stand: beside the tenant's configuration."""
        return self.tenant_config.parent / "sandboxes"

    def config_of(self, sandbox: str | None) -> Path:
        """The configuration's files of a sandbox, or the tenant's own."""
        return self.sandboxes / sandbox if sandbox else self.tenant_config

    def make(self) -> None:
        """Create the folders that other programs expect to find."""
        for folder in (self.lake, self.dagster, self.logs):
            folder.mkdir(parents=True, exist_ok=True)
