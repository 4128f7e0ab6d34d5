import os
import sys
from pathlib import Path

import pytest

from cdp_assets.cli import tests as command


def test_checks_run_side_by_side_and_each_is_told_in_one_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The one waits for the other; what fails is named."""
    waits = "import signal, sys; signal.alarm(60); open(sys.argv[1]).read(); print('read'); print('on')"
    writes = "import sys; open(sys.argv[1], 'w').close(); print('written'); sys.exit(3)"
    meeting = str(tmp_path / "meeting")
    os.mkfifo(meeting)
    checks = {name: [sys.executable, "-c", text, meeting] for name, text in (("a", waits), ("b", writes))}
    monkeypatch.setattr(command, "CHECKS", checks)
    monkeypatch.setattr(command, "_run", lambda *_, **__: 0)
    assert command._checked(tmp_path, unit=True, long_=False) == (["b"], [])
    printed = capsys.readouterr().err
    assert "── a\nread\non\n── a: ok (" in printed
    assert "── b\nwritten\n── b: FAILED (" in printed


def test_temporary_files_are_in_memory_where_memory_has_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "MEMORY", tmp_path)
    monkeypatch.setattr(command, "ROOM_GB", 0)
    monkeypatch.setattr(command, "memory_gb", lambda: 16.0)
    assert command._quick_folder() == tmp_path


@pytest.mark.parametrize("gigabytes", [4.0, 8.0])
def test_a_small_machine_keeps_them_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gigabytes: float) -> None:
    monkeypatch.setattr(command, "MEMORY", tmp_path)
    monkeypatch.setattr(command, "memory_gb", lambda: gigabytes)
    assert command._quick_folder() is None


def test_a_machine_without_such_a_folder_keeps_them_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "MEMORY", tmp_path / "absent")
    monkeypatch.setattr(command, "memory_gb", lambda: 64.0)
    assert command._quick_folder() is None
