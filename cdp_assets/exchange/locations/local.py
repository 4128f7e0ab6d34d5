"""A location that is a folder of this machine."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from cdp_assets.errors import DeliveryError, SourceError
from cdp_assets.exchange.locations.port import BEING_PUT, RemoteFile
from cdp_assets.exchange.streams import sync_folder


class LocalFolder:
    """The files below one folder. No name and no symbolic link leads out of it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    @classmethod
    def below(cls, root: Path, path: str) -> LocalFolder:
        """Give the folder at a path below `root`; raises SourceError where the path leads out of it."""
        inside = cls(root)._inside(path)
        if inside is None:
            raise SourceError(path, "leads out of its root folder", "a relative path without links to elsewhere")
        return cls(inside)

    def list(self, prefix: str = "") -> Iterator[RemoteFile]:
        """Give the regular files whose names begin with `prefix`, sorted by name.

        Symbolic links are not followed and not listed; neither are files that are being put.
        Nothing is listed where the folder does not exist.
        """
        try:
            found = sorted(self._walk(self._folder, prefix), key=lambda file: file.name)
        except OSError as error:
            raise SourceError(prefix or ".", f"cannot be listed ({_why(error)})", "a readable folder") from error
        yield from found

    def look(self, name: str) -> RemoteFile | None:
        """Give a regular file as it is now; None where there is none, or a link stands in its way."""
        path = self._inside(name)
        if path is None or path != self._folder / name or path.name.startswith(BEING_PUT) or not path.is_file():
            return None
        return next(_listed(name, path), None)

    def fetch(self, name: str) -> BinaryIO:
        """Open a file to read; the caller closes it."""
        path = self._inside(name)
        if path is None:
            raise SourceError(name, "leads out of its location", "a name below the location's folder")
        try:
            if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
                raise SourceError(name, "is not a regular file", "a file")
            return path.open("rb")
        except OSError as error:
            raise SourceError(name, f"cannot be opened ({_why(error)})", "a readable file") from error

    def put(self, name: str, source: Path) -> None:
        """Copy a file under a name: written beside it, flushed to disk, then renamed."""
        path = self._below(name)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _copy_whole(source, path)
        except OSError as error:
            msg = f"{name}: cannot be written ({_why(error)}). Expected a writable folder with room."
            raise DeliveryError(msg) from error

    def remove(self, name: str) -> None:
        """Remove a file, durably; where there is none, nothing."""
        path = self._below(name)
        try:
            path.unlink(missing_ok=True)
            if path.parent.is_dir():
                sync_folder(path.parent)
        except OSError as error:
            raise DeliveryError(f"{name}: cannot be removed ({_why(error)}). Expected a writable folder.") from error

    def _below(self, name: str) -> Path:
        """Give the path of a name to write to; raises DeliveryError for one that leads out of the folder."""
        path = self._inside(name)
        if path is None or path == self._folder:
            raise DeliveryError(f"{name}: leads out of the location. Expected a name below the location's folder.")
        return path

    def _inside(self, name: str) -> Path | None:
        """Give the path of a name, or None where `..`, a root or a link leads out of the folder."""
        if not name or "\0" in name or ".." in name.split("/"):
            return None
        path = (self._folder / name).resolve()
        return path if path.is_relative_to(self._folder) else None

    def _walk(self, folder: Path, prefix: str) -> Iterator[RemoteFile]:
        if not folder.is_dir():
            return
        with os.scandir(folder) as entries:
            for entry in entries:
                path = Path(entry.path)
                name = path.relative_to(self._folder).as_posix()
                if entry.is_dir(follow_symlinks=False):
                    if f"{name}/".startswith(prefix) or prefix.startswith(f"{name}/"):
                        yield from self._walk(path, prefix)
                elif name.startswith(prefix) and _is_whole_file(entry):
                    yield from _listed(name, path)


def _is_whole_file(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False) and not entry.name.startswith(BEING_PUT)


def _listed(name: str, path: Path) -> Iterator[RemoteFile]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return  # gone since the folder was read
    yield RemoteFile(name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))


def _copy_whole(source: Path, target: Path) -> None:
    """Make `target` a copy of `source`; a reader sees the old file, then the whole new one."""
    handle, temporary = tempfile.mkstemp(prefix=BEING_PUT, dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as copy, source.open("rb") as original:
            shutil.copyfileobj(original, copy, 1 << 20)
            copy.flush()
            os.fchmod(copy.fileno(), 0o640)
            os.fsync(copy.fileno())
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def _why(error: OSError) -> str:
    return error.strerror or type(error).__name__
