"""Answers that take long to work out, kept in files that may be deleted, damaged or written by two at any time."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

LEFT_S = 3600.0
"""How long a file of other code, or one that was never finished, may lie about."""
MOST_REMEMBERED = 8
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

_folders: list[Path] = []
"""Where this process keeps its answers: the last one counts, and without any they end with the process."""


@contextlib.contextmanager
def kept_in(folder: Path) -> Iterator[None]:
    """Keep answers below a folder while the block runs, and know those that others have kept there."""
    _folders.append(folder)
    try:
        yield
    finally:
        _folders.remove(folder)


def version_of(files: Iterable[Path], libraries: Iterable[str]) -> str:
    """Give a hash of source files and of libraries' versions: what answers depend on beside their keys."""
    from importlib import metadata

    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    digest.update(" ".join(f"{name} {metadata.version(name)}" for name in libraries).encode())
    return digest.hexdigest()


def remembered(function: Callable[[Asked], Answer]) -> Callable[[Asked], Answer]:
    """Let a function of one immutable object be carried out once for each of the last few objects.

    Objects are told apart by identity, so equal ones are asked for again.
    """
    known: dict[int, tuple[Asked, Answer]] = {}  # holding the object keeps its id from being another's

    @functools.wraps(function)
    def asked(of: Asked) -> Answer:
        found = known.get(id(of))
        if found is None:
            found = of, function(of)
            for oldest in list(known)[: len(known) - MOST_REMEMBERED + 1]:
                known.pop(oldest, None)
            known[id(of)] = found
        return found[1]

    return asked


class Cache:
    """One file of answers. A key must be a hash of everything that its answer depends on beside the version.

    An answer is JSON, and never a secret or a customer's value. A file that another version wrote, that is
    damaged or that cannot be read counts as empty, and one that cannot be written is not: an answer may be
    missing, but never wrong. Of two processes that save at once the last one's file stays, whole.
    """

    def __init__(self, name: str, version: Callable[[], str], most: int) -> None:
        """Name a cache.

        Args:
            name: The beginning of its file's name.
            version: Gives what the answers depend on beside their keys; asked when a folder is first used.
            most: How many answers are kept; those that are asked for again outlive others.
        """
        self._name, self._version, self._most = name, functools.cache(version), most
        self._lock = threading.Lock()
        self._folder: Path | None = None
        self._answers: dict[str, Any] = {}
        self._is_new = False

    def get(self, key: str) -> Any:
        """Give an answer, or None where it is not known."""
        with self._lock:
            self._open()
            if key not in self._answers:
                return None
            self._answers[key] = answer = self._answers.pop(key)  # to the end: it outlives others
            return answer

    def put(self, key: str, answer: Any) -> None:
        """Keep an answer: in this process at once, in the file when `save` is called."""
        with self._lock:
            self._open()
            self._answers[key] = answer
            self._is_new = True
            if len(self._answers) > self._most:
                del self._answers[next(iter(self._answers))]

    def save(self) -> None:
        """Write what is new, beside what others have written meanwhile; without a folder or news do nothing."""
        with self._lock:
            self._open()
            if self._folder is None or not self._is_new:
                return
            file = self._file(self._folder)
            others = {key: answer for key, answer in _read(file).items() if key not in self._answers}
            kept = list((others | self._answers).items())[-self._most :]
            with contextlib.suppress(OSError):
                _write(file, dict(kept))
                _remove_old(file, self._name)
            self._is_new = False

    def _open(self) -> None:
        """Read the file of a folder that is new to this process; what is known already stays known."""
        folder = _folders[-1] if _folders else None
        if folder != self._folder and folder is not None:
            self._answers = _read(self._file(folder)) | self._answers
        self._folder = folder

    def _file(self, folder: Path) -> Path:
        return folder / f"{self._name}-{self._version()[:16]}.json"


def _read(file: Path) -> dict[str, Any]:
    """Give a file's answers; nothing where its first line is not the hash of the rest."""
    try:
        told, _, body = file.read_bytes().partition(b"\n")
    except OSError:
        return {}
    if hashlib.sha256(body).hexdigest().encode() != told:
        return {}
    answers: dict[str, Any] = json.loads(body)
    return answers


def _write(file: Path, answers: dict[str, Any]) -> None:
    """Write beside the file, then rename: readers see the old answers or the new ones."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    body = json.dumps(answers, separators=(",", ":")).encode()
    new = file.with_suffix(f".{os.getpid()}-{threading.get_ident()}.new")
    new.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
    os.replace(new, file)


def _remove_old(file: Path, name: str) -> None:
    for other in file.parent.glob(f"{name}-*"):
        with contextlib.suppress(OSError):
            if other != file and time.time() - other.stat().st_mtime > LEFT_S:
                other.unlink()
