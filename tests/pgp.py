"""The stock `gpg` tool as a customer has it: a home of its own, keys of every kind, nothing of our code."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

PASSPHRASE = "correct horse bättery"
PROGRAM = shutil.which("gpg") or "gpg"


@dataclass(frozen=True)
class Key:
    """A key pair as the tool exports it."""

    fingerprint: str
    public: str
    private: str


class GpgTool:
    """The tool with one home."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def run(self, *arguments: str, given: bytes = b"", passphrase: str = PASSPHRASE) -> bytes:
        """Give what the tool writes; the passphrase reaches it by a file."""
        secret = self.home / "passphrase"
        secret.write_text(passphrase)
        options = ["--homedir", str(self.home), "--batch", "--yes", "--quiet", "--trust-model", "always"]
        options += ["--pinentry-mode", "loopback", "--passphrase-file", str(secret)]
        done = subprocess.run(
            [PROGRAM, *options, *arguments], input=given, capture_output=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout

    def key(self, name: str, *subkeys: str, primary: str = "ed25519 sign", expired: bool = False) -> Key:
        """Make a key with subkeys such as `cv25519 encr`; expired ones ended years ago, their primary did not."""
        past = ["--faked-system-time", "20200101T000000"] if expired else []
        self.run(*past, "--quick-gen-key", name, *primary.split(), "never")
        fingerprint = self._fingerprint(name)
        for subkey in subkeys:
            self.run(*past, "--quick-add-key", fingerprint, *subkey.split(), "1d" if expired else "never")
        public = self.run("--armor", "--export", fingerprint).decode()
        return Key(fingerprint, public, self.run("--armor", "--export-secret-keys", fingerprint).decode())

    def encrypt(self, plain: bytes, key: Key, *options: str) -> bytes:
        """Encrypt as a customer does."""
        self.run("--import", given=key.public.encode())
        return self.run("--encrypt", "--recipient", key.fingerprint, *options, given=plain)

    def decrypt(self, message: bytes) -> bytes:
        """Decrypt with whatever private keys the home has."""
        return self.run("--decrypt", given=message)

    def _fingerprint(self, name: str) -> str:
        listed = self.run("--with-colons", "--list-keys", name).decode().splitlines()
        return next(line.split(":")[9] for line in listed if line.startswith("fpr"))


@contextlib.contextmanager
def stock_gpg() -> Iterator[GpgTool]:
    """Give a gpg for the block; its home is in a short folder, for an agent's socket must have a short path."""
    home = Path(tempfile.mkdtemp(prefix="gpg_"))
    (home / "gpg-agent.conf").write_text("s2k-count 65536\n")  # else a passphrase costs tenths of a second
    try:
        yield GpgTool(home)
    finally:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False, timeout=30)  # noqa: S607
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def gpg_tool() -> Iterator[GpgTool]:
    """A customer's gpg."""
    with stock_gpg() as tool:
        yield tool


@pytest.fixture(scope="session")
def our_key(gpg_tool: GpgTool) -> Key:
    """A key pair with one encryption subkey, as couriers and destinations have one."""
    return gpg_tool.key("Ours <ours@acme.example>", "cv25519 encr")
