"""References to secrets, and the places that hold them; a value never enters a model, an error or a log."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from cdp_assets.errors import SecretError

_REFERENCE = re.compile(r"secret://(?P<backend>[a-z]+)/(?P<name>[A-Za-z0-9_./-]{1,200})")


class Secret:
    """A secret's value; printing it shows nothing."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Give the value, at the one place that hands it to a library."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__


def is_reference(text: str) -> bool:
    """Say whether `text` refers to a secret.

    >>> is_reference("secret://env/ACME_PASSWORD"), is_reference("hunter2")
    (True, False)
    """
    return _REFERENCE.fullmatch(text) is not None


def resolve(reference: str, bindings: Mapping[str, str]) -> Secret:
    """Give the secret that a reference names in one environment.

    Args:
        reference: `secret://<backend>/<name>`; backends are `env` (a variable) and `file` (mode 600).
        bindings: The environment's own: reference -> the reference to use instead. A sandbox resolves
            only what it binds.

    Raises SecretError, naming the reference, when it is unbound, malformed or empty.
    """
    if reference not in bindings:
        raise SecretError(f"{reference}: not bound in this environment. Expected a binding for it.")
    match = _REFERENCE.fullmatch(bindings[reference])
    if match is None or match["backend"] not in BACKENDS:
        raise SecretError(f"{reference}: bound to something that is not secret://env/NAME or secret://file/PATH.")
    value = BACKENDS[match["backend"]](match["name"])
    if not value:
        raise SecretError(f"{reference}: {match['backend']} holds no value for it.")
    return Secret(value)


def _from_env(name: str) -> str | None:
    return os.environ.get(name)


def _from_file(name: str) -> str | None:
    path = Path("/") / name
    if not path.is_file():
        return None
    if path.stat().st_mode & 0o077:
        raise SecretError(f"secret://file/{name}: readable by others. Expected mode 600.")
    return path.read_text().rstrip("\n")


BACKENDS: dict[str, Callable[[str], str | None]] = {"env": _from_env, "file": _from_file}
