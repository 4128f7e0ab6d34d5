"""A home of gpg is closed to others and does not stay, whatever becomes of the process that made it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp_assets.errors import EngineError
from cdp_assets.exchange.codecs.pgp.home import LEFT_AFTER_S, MOST_FOLDER_CHARACTERS, PREFIX, gnupg_home


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where homes are made; short, for the socket of an agent."""
    with tempfile.TemporaryDirectory() as made:
        monkeypatch.setattr(tempfile, "tempdir", made)
        yield Path(made)


def test_a_home_is_closed_to_others_and_does_not_stay(folder: Path) -> None:
    with gnupg_home() as gpg:
        home = Path(gpg.gnupghome)
        assert home.parent == folder
        assert home.name.startswith(PREFIX)
        assert home.stat().st_mode & 0o077 == 0
    assert not list(folder.iterdir())


def test_it_does_not_stay_after_an_error_either(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError), gnupg_home():
        raise ZeroDivisionError
    assert not list(folder.iterdir())


def test_what_a_killed_process_left_is_removed_a_day_later(folder: Path) -> None:
    left, living = folder / f"{PREFIX}left", folder / f"{PREFIX}living"
    for home in (left, living):
        home.mkdir()
        (home / "private.key").touch()
    before = left.stat().st_mtime - LEFT_AFTER_S - 1
    os.utime(left, (before, before))
    with gnupg_home():
        assert not left.exists()
        assert living.exists()


def test_a_long_temporary_folder_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent could not open its socket there, and private keys could not be taken in."""
    long = tmp_path / ("x" * MOST_FOLDER_CHARACTERS)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with gnupg_home() as gpg:
        assert len(gpg.gnupghome) < MOST_FOLDER_CHARACTERS + 20


def test_without_gnupg_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError, match=r"gpg is not installed\. Expected GnuPG 2\.2"), gnupg_home():
        pass
