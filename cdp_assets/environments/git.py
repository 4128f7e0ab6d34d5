"""The configuration's git: commits what an apply wrote, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Collection
from pathlib import Path

from cdp_assets.errors import PlanRefusedError

TIMEOUT_S = 60
NOBODY = ("-c", "user.name=cdp", "-c", "user.email=cdp@localhost")
"""Who commits where git knows no user."""


def is_repository(folder: Path) -> bool:
    """Say whether a folder is in a git work tree, and git is there."""
    return shutil.which("git") is not None and _git(folder, "rev-parse", "--is-inside-work-tree").returncode == 0


def refuse_dirty(folder: Path, names: Collection[str]) -> None:
    """Raise PlanRefusedError when a path that would be written has edits that are not committed."""
    if not names or not is_repository(folder):
        return
    found = _git(folder, "status", "--porcelain", "--untracked-files=all", "--", *sorted(names)).stdout.splitlines()
    if found:
        shown = ", ".join(sorted(line[3:].strip('"') for line in found))
        raise PlanRefusedError(f"{shown}: has edits that are not committed. Expected them committed or taken back.")


def commit(folder: Path, names: Collection[str], message: str) -> None:
    """Commit these paths alone, as they are now; does nothing where they are committed already.

    What else is staged stays staged. Raises PlanRefusedError when git refuses.
    """
    if not names or not is_repository(folder):
        return
    known = [name for name in sorted(names) if (folder / name).exists() or _is_tracked(folder, name)]
    if not known:
        return
    _must(folder, "add", "--all", "--", *known)
    if _git(folder, "diff", "--cached", "--quiet", "--", *known).returncode == 0:
        return
    author = () if _git(folder, "config", "user.email").stdout.strip() else NOBODY
    _must(folder, *author, "commit", "--quiet", "--message", message, "--", *known)


def _is_tracked(folder: Path, name: str) -> bool:
    return bool(_git(folder, "ls-files", "--", name).stdout)


def _must(folder: Path, *arguments: str) -> None:
    done = _git(folder, *arguments)
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise PlanRefusedError(
            f"git refuses to commit the configuration: {reason[0]}. Expected a commit to be possible."
        )


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = ["git", "-C", str(folder), *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=TIMEOUT_S)
