"""The process's exit code is the command's: what pipelines decide by."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cdp_assets.cli import main as entry
from cdp_assets.errors import CdpError, ConflictsError, DeniedError, LockedError, StalePlanError
from tests.unit.cli.test_plan_apply import Engineer


def code_of(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """Give the status with which the process would end."""
    monkeypatch.setattr(sys, "argv", ["cdp", *arguments])
    with pytest.raises(SystemExit) as leaving:
        entry.main()
    return leaving.value.code


@pytest.fixture
def engineer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engineer:
    """An engineer in whose terminal the command runs."""
    made = Engineer(tmp_path)
    monkeypatch.setenv("CDP_HOME", str(made.home.root))
    monkeypatch.setenv("CDP_TENANT_CONFIG", str(made.config))
    return made


def test_a_process_ends_with_its_commands_code(engineer: Engineer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert code_of(monkeypatch, "plan") == 2
    assert code_of(monkeypatch, "apply", "--yes") in (None, 0)
    assert code_of(monkeypatch, "plan") == 0
    (engineer.config / "tenant.yaml").write_text("id: x\nnme: y\n")
    assert code_of(monkeypatch, "plan") == 1
    assert code_of(monkeypatch, "nonsense") == 2


@pytest.mark.parametrize(
    ("error", "code"), [(CdpError, 1), (ConflictsError, 3), (StalePlanError, 4), (LockedError, 5), (DeniedError, 6)]
)
def test_each_of_our_errors_has_its_exit_code(
    error: type[CdpError], code: int, engineer: Engineer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error("no")

    monkeypatch.setattr("cdp_assets.environments.requests.plan_of_files", refuse)
    assert code_of(monkeypatch, "plan") == code
