"""A folder's digest changes with everything that reading it depends on, and with nothing else."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cdp_assets.config.folder_state import folder_state
from cdp_assets.home import REPOSITORY


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo tenant's files."""
    shutil.copytree(REPOSITORY / "tenant_config", tmp_path / "t")
    return tmp_path / "t"


def digest(folder: Path) -> str:
    found = folder_state(folder)
    assert found is not None
    return found.digest


CHANGES: dict[str, Callable[[Path], object]] = {
    "YAML": lambda folder: (folder / "stitch.yaml").write_text((folder / "stitch.yaml").read_text() + "\n"),
    "SQL": lambda folder: next(folder.rglob("*.sql")).write_text("SELECT 1"),
    "a new file": lambda folder: (folder / "queries" / "new.yaml").write_text(""),
    "a file less": lambda folder: next(folder.rglob("*.sql")).unlink(),
    "another name": lambda folder: (folder / "stitch.yaml").rename(folder / "stitch2.yaml"),
    "a file that is a mistake": lambda folder: (folder / "tenant.yml").write_text(""),
    "a folder that is a mistake": lambda folder: (folder / "fedes").mkdir(),
    "a hidden file that is read": lambda folder: (folder / "queries" / ".new.yaml").write_text(""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_reading_depends_on_changes_the_digest(folder: Path, change: str) -> None:
    before = digest(folder)
    CHANGES[change](folder)
    assert digest(folder) != before


def test_time_and_place_do_not(folder: Path, tmp_path: Path) -> None:
    before = digest(folder)
    os.utime(folder / "stitch.yaml", (0, 0))
    (folder / ".git").mkdir()
    (folder / ".git" / "index").write_text("x")
    shutil.copytree(folder, tmp_path / "elsewhere")
    assert digest(folder) == digest(tmp_path / "elsewhere") == before


def test_a_write_of_the_same_content_is_seen(folder: Path) -> None:
    """So that a file that changed and changed back, while it was read, is not taken for one that did not."""
    path = folder / "stitch.yaml"
    text = path.read_text()
    os.utime(path, (0, 0))
    before = folder_state(folder)
    path.write_text("other")
    path.write_text(text)
    after = folder_state(folder)
    assert before is not None
    assert after is not None
    assert after.digest == before.digest
    assert after.stamp != before.stamp


def test_a_linked_folder_has_no_digest(folder: Path, tmp_path: Path) -> None:
    (folder / "queries").rename(tmp_path / "queries")
    (folder / "queries").symlink_to(tmp_path / "queries")
    assert folder_state(folder) is None
