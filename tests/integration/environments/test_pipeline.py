"""The pipeline's script in a real git repository, with a real `cdp`; only the posting to a service is left out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION
from cdp_assets.state import environments
from cdp_assets.state.database import State

MARK = "<!-- cdp-plan:production -->"
CDP = f'#!/bin/sh\nexec {sys.executable} -m cdp_assets.cli.main "$@"\n'


class Pipeline:
    """A clone of the tenant's repository on a runner."""

    def __init__(self, root: Path) -> None:
        self.root, self.out = root / "clone", root / "clone" / "out"
        self.state = root / "home" / "state.db"
        shutil.copytree(REPOSITORY / "tenant_config", self.root / "tenant_config")
        shutil.copytree(REPOSITORY / "infra" / "ci", self.root / "infra" / "ci")
        (self.root / "cdp").write_text(CDP)
        (self.root / "cdp").chmod(0o755)
        self.git("init", "-q")
        self.commit("As it was applied first")
        assert self.plan() == 0
        assert self.apply().returncode == 0
        assert self.last().serial == 1

    def git(self, *words: str) -> str:
        """Run git; give what it prints."""
        command = ["git", "-C", str(self.root), "-c", "user.name=a", "-c", "user.email=a@b", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def commit(self, message: str) -> None:
        """Commit the configuration."""
        self.git("add", "tenant_config")
        self.git("commit", "-qm", message)

    def edit(self, old: str, new: str) -> None:
        """Change how alike two records must be."""
        path = self.root / "tenant_config" / "stitch.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def sh(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        environment = os.environ | {"CDP_HOME": str(self.state.parent), "PYTHONPATH": str(REPOSITORY)}
        environment |= {"CDP_TENANT_CONFIG": str(self.root / "tenant_config"), "CDP_STATE_URL": str(self.state)}
        command = [str(self.root / "infra" / "ci" / "cdp.sh"), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def plan(self) -> int:
        """Plan; give the exit code."""
        return self.sh("plan", str(self.out)).returncode

    def apply(self, message: str = "first") -> subprocess.CompletedProcess[str]:
        """Apply what the last plan saved."""
        return self.sh("apply", self.plan_id, message)

    @property
    def plan_id(self) -> str:
        """The id that the last plan left, empty where there was nothing to apply."""
        path = self.out / "plan_id"
        return path.read_text().strip() if path.exists() else ""

    @property
    def comment(self) -> str:
        """The pull request's comment."""
        return (self.out / "comment.md").read_text()

    def last(self) -> environments.Applied:
        """Give production's last apply."""
        with State.open(self.state).read() as conn:
            return environments.history(conn, PRODUCTION)[0]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    """A pipeline whose production runs what is in git."""
    return Pipeline(tmp_path)


def test_a_pull_request_is_commented_and_its_merge_applies_the_saved_plan(pipeline: Pipeline) -> None:
    before = pipeline.last().serial
    pipeline.git("switch", "-qc", "bolder")
    pipeline.edit("threshold: 3", "threshold: 4")
    pipeline.commit("Bolder: `$(touch owned)`")
    assert pipeline.plan() == 0, "changes are no failure"
    assert pipeline.comment.startswith(MARK)
    assert "1 to change" in pipeline.comment
    assert pipeline.last().serial == before, "a plan changes nothing"
    pipeline.git("switch", "-q", "-")
    pipeline.git("merge", "-q", "bolder")
    assert pipeline.plan() == 0
    done = pipeline.apply(pipeline.git("log", "-1", "--format=%s").strip())
    assert done.returncode == 0, done.stderr
    assert (pipeline.last().serial, pipeline.last().message) == (before + 1, "Bolder: `$(touch owned)`")
    assert not (pipeline.root / "owned").exists()
    assert pipeline.git("status", "--porcelain", "tenant_config") == ""
    assert pipeline.plan() == 0
    assert pipeline.plan_id == ""
    assert "No changes" in pipeline.comment
    assert "Nothing to apply." in pipeline.apply().stdout


def test_a_mistake_is_in_the_comment_and_fails_the_pipeline(pipeline: Pipeline) -> None:
    pipeline.edit("threshold: 3", "threshold: much")
    assert pipeline.plan() == 1
    assert pipeline.comment.startswith(MARK), "the same comment is found again"
    assert "stitch.yaml" in pipeline.comment
    assert pipeline.plan_id == ""


def test_a_plan_that_production_has_overtaken_is_not_applied(pipeline: Pipeline) -> None:
    pipeline.edit("threshold: 3", "threshold: 4")
    pipeline.plan()
    overtaken = pipeline.plan_id
    pipeline.edit("threshold: 4", "threshold: 5")
    pipeline.plan()
    assert pipeline.apply().returncode == 0
    serial = pipeline.last().serial
    assert pipeline.sh("apply", overtaken, "late").returncode == 4
    assert pipeline.last().serial == serial


def test_a_link_in_a_proposed_configuration_is_not_followed(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2")
    (pipeline.root / "tenant_config" / "queries" / "leak.sql").symlink_to(tmp_path / "secret")
    assert pipeline.plan() == 1
    assert "symbolic links" in pipeline.comment
    assert "hunter2" not in pipeline.comment
