from pathlib import Path

import pytest

from cdp_assets.cli import tests as command


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
