"""Writes configuration files: each beside its place, flushed, then renamed; doing it again gives the same."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from cdp_assets.errors import PlanRefusedError
from cdp_assets.exchange.streams import sync_folder
from cdp_assets.hashing import sha256_of_file


def write_files(folder: Path, contents: Mapping[str, str | None]) -> None:
    """Bring files below a folder to their new content; None removes one, and the folders that it leaves empty."""
    written = set()
    for name, text in contents.items():
        path = folder / name
        if text is None:
            path.unlink(missing_ok=True)
            _remove_empty(path.parent, folder)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        with new.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
        written.add(path.parent)
    for parent in sorted(written):
        sync_folder(parent)


def _remove_empty(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def hash_of(path: Path) -> str | None:
    """Give the hash of a file's content, None where there is no file."""
    return sha256_of_file(path) if path.is_file() else None


def hashes_of(folder: Path, names: Mapping[str, str | None]) -> dict[str, str | None]:
    """Give the hash of what each name holds now."""
    return {name: hash_of(folder / name) for name in names}


def refuse_moved(folder: Path, seen: Mapping[str, str | None]) -> None:
    """Raise PlanRefusedError when a file that would be written is not as it was when the plan was made."""
    moved = sorted(name for name, found in seen.items() if hash_of(folder / name) != found)
    if moved:
        raise PlanRefusedError(
            f"{', '.join(moved)}: edited since the plan was made. Expected the files as the plan saw them; plan again."
        )
