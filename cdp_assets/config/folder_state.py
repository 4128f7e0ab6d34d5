"""What a tenant's folder holds now, as one hash: equal hashes are read as equal configurations."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

READ = (".yaml", ".sql")


@dataclass(frozen=True)
class FolderState:
    """A folder at one moment."""

    digest: str
    """Of every name, and of the content of every file that is read."""
    stamp: str
    """Of every file's identity and time of change as well: the same before and after means that nothing was written."""


def folder_state(folder: Path) -> FolderState | None:
    """Give what a folder holds; nothing where a folder in it is a link, whose content could change unseen."""
    digest, stamp = hashlib.sha256(), hashlib.sha256()
    root = len(os.fspath(folder)) + 1
    for entry in _entries(folder, folder):
        if entry.is_symlink() and entry.is_dir():
            return None
        found, content = entry.stat(), b""
        if entry.name.endswith(READ) and entry.is_file():
            with open(entry.path, "rb") as file:
                content = hashlib.sha256(file.read()).digest()
        digest.update(hashlib.sha256(entry.path[root:].encode()).digest() + content)
        stamp.update(f"{found.st_ino} {found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}".encode())
    return FolderState(digest.hexdigest(), stamp.hexdigest())


def _entries(folder: Path | str, root: Path) -> Iterator[os.DirEntry[str]]:
    """Give every entry below a folder, in the order of names; hidden folders beside the tenant's are not its own."""
    with os.scandir(folder) as scanned:
        entries = sorted(scanned, key=lambda entry: entry.name)
    for entry in entries:
        is_folder = entry.is_dir(follow_symlinks=False)
        if is_folder and entry.name.startswith(".") and folder == root:
            continue
        yield entry
        if is_folder:
            yield from _entries(entry.path, root)
