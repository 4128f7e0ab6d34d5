"""An engineer with a sandbox, before anything is published."""

from __future__ import annotations

import copy
import shutil
import subprocess
from pathlib import Path

from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.state import environments
from cdp_assets.state.database import State
from tests.unit.cli.test_plan_apply import Engineer

STITCH, FEED = "stitch.yaml", "feeds/ecom_customers.yaml"


class Sandboxed(Engineer):
    """An engineer with a sandbox `s`."""

    @property
    def folder(self) -> Path:
        return self.config.parent / "sandboxes" / "s"

    def copy(self, root: Path) -> Sandboxed:
        """Give an engineer who has a copy of everything."""
        shutil.copytree(self.config.parent, root)
        copied = copy.copy(self)
        copied.config, copied.home = root / self.config.name, Home(root / self.home.root.name)
        return copied

    def change(self, name: str, old: str, new: str, *, sandbox: bool = False) -> None:
        """Edit a file of production or of the sandbox."""
        path = (self.folder if sandbox else self.config) / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def text(self, name: str) -> str:
        return (self.config / name).read_text()

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.config.parent), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def serial(self) -> int:
        with State.open(self.home.state).read() as conn:
            found = environments.get(conn, PRODUCTION)
        assert found is not None
        return found.serial


def promoted(engineer: Sandboxed, *arguments: str) -> int:
    saved = engineer.config.parent / "p.json"
    planned = engineer.run("plan", "--promote", "s", "-o", str(saved))
    if planned.exit_code != 2:
        return planned.exit_code
    return engineer.run("apply", str(saved), *arguments).exit_code
