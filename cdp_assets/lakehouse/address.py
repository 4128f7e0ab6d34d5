"""Where the Spark server of a home listens, and the token that it wants: what its two files say."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

USER = "cdp"
"""The user that every session of ours names; the token is what admits it."""


@dataclass(frozen=True)
class Address:
    """A server's port, its token, and the process that serves."""

    port: int
    token: str
    pid: int

    @property
    def remote(self) -> str:
        """The connection string; the host must be spelled `localhost` for a token without TLS."""
        return f"sc://localhost:{self.port}/;token={self.token};user_id={USER}"

    def __repr__(self) -> str:
        return f"Address(port={self.port}, pid={self.pid})"


def server_address(home: Path) -> Address | None:
    """Give the address of the server of this home, running or not; nothing before its first start."""
    try:
        facts = json.loads((home / "spark" / "server.json").read_text())
        token = (home / "spark" / "token").read_text()
    except FileNotFoundError:
        return None
    return Address(int(facts["port"]), token, int(facts["pid"]))


def write_address(home: Path, address: Address) -> None:
    """Let other processes find the server; each file changes at once, whole."""
    write_private(home / "spark" / "token", address.token)
    write_private(home / "spark" / "server.json", json.dumps({"port": address.port, "pid": address.pid}))


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    os.replace(new, path)
