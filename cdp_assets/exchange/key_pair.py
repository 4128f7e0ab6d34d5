"""A key pair, and where its parts are kept: the private one in a file that only its owner can read."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from cdp_assets.errors import SecretError

_NAMEABLE = re.compile(r"/[A-Za-z0-9_./-]{1,200}")


@dataclass(frozen=True, repr=False)
class KeyPair:
    """Two keys as text, and what identifies them; printing it shows neither."""

    private: str
    public: str
    fingerprint: str


def secret_reference(path: Path) -> str:
    """Give the reference that names a file as a secret; raises SecretError for a path that cannot stand in one.

    >>> secret_reference(Path("/run/secrets/acme.asc"))
    'secret://file/run/secrets/acme.asc'
    """
    if not _NAMEABLE.fullmatch(str(path)):
        expected = "an absolute path of letters, digits and `_ . / -`"
        raise SecretError(f"{path}: no secret:// reference can name this file. Expected {expected}.")
    return f"secret://file{path}"


def keep_private(path: Path, text: str) -> None:
    """Write a new file with mode 600; raises SecretError where there is one, which may be the only copy of a key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        raise SecretError(f"{path}: is there already, and is kept. Expected another name.") from None
    with os.fdopen(handle, "w") as file:
        file.write(text)


def add_private(path: Path, text: str) -> None:
    """Put a text behind what a file with mode 600 holds; the file is the old one or the new one, whole."""
    beside = path.with_name(f"{path.name}.new")
    keep_private(beside, path.read_text() + text)
    os.replace(beside, path)
