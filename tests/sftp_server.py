"""A real OpenSSH server for tests: its own keys and user, on loopback, stopped by its process id.

Root, where it may, starts it with a view of the file system of its own: there it has a user with a password, and a
small disk to fill. Anybody else's server lets in whoever runs it, by key alone.
"""

from __future__ import annotations

import contextlib
import functools
import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lifetimes import ended_with_us
from tests.ports import free_port

PASSWORD = "open sesame"
PASSWORD_HASH = "$6$cdp$wW9.YAPKzybxQDdUgAGW8Rp27fhkhMJbyhG6qDanKHXUtwE/RuOOy1iGau43ElugeVwptZv4Bl9Ta3RFwLZKR/"
ACCOUNT = "acme"
UID = 54_321
SMALL_BYTES = 2 << 20
STARTS_WITHIN_S = 30
SETTINGS = (
    "ListenAddress 127.0.0.1",
    "PidFile none",
    "UsePAM no",
    "KbdInteractiveAuthentication no",
    "StrictModes no",
    "UseDNS no",
    "MaxStartups 200",
    "Subsystem sftp internal-sftp",
)


@dataclass(frozen=True)
class SftpServer:
    """A running server, and what its user is let in with."""

    port: int
    old_port: int
    """Here it cannot rename over a file, as servers that keep to the old protocol."""
    user: str
    folder: Path
    """Holds `home/`, where the login begins, `key` and the host keys."""
    password: str | None
    """None where the server cannot check any."""
    pid: int

    @property
    def home(self) -> Path:
        """Where the user's files are; the small disk is only seen through the server."""
        return self.folder / "home"

    @property
    def small(self) -> Path | None:
        """A folder of the home on a disk of `SMALL_BYTES`, as the server sees it; None where there is none."""
        return None if self.password is None else Path(f"/proc/{self.pid}/root{self.home}/small")

    def host_key(self, kind: str = "ed25519") -> str:
        """Give the server's public key of a kind."""
        return (self.folder / f"host_{kind}.pub").read_text().strip()

    @property
    def owner(self) -> int:
        """The number of the user, whose files the tests' own are made to be."""
        return self.home.stat().st_uid

    def let_in(self, public_key: str) -> None:
        """Let one more key in."""
        with (self.folder / "authorized_keys").open("a") as keys:
            keys.write(public_key)


def new_key(path: Path, *options: str, passphrase: str = "") -> Path:
    """Make a key pair with the stock tool; give the private key's path."""
    command = ["ssh-keygen", "-q", "-N", passphrase, "-f", str(path), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return path


@contextlib.contextmanager
def running_server() -> Iterator[SftpServer]:
    """Run a server for the block."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        pytest.skip("openssh-server is not installed")
    folder = Path(tempfile.mkdtemp(prefix="cdp-sftp-"))  # not pytest's: its folders are closed to other accounts
    try:
        with _started(program, folder) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _started(program: str, folder: Path) -> Iterator[SftpServer]:
    port, old_port, own_view = free_port(), free_port(), os.geteuid() == 0
    if own_view and not _may_have_own_view():
        pytest.skip("sshd, started by root, needs a mount namespace of its own (CAP_SYS_ADMIN)")
    user = ACCOUNT if own_view else pwd.getpwuid(os.geteuid()).pw_name
    _write_folder(folder, port, old_port)
    command = [program, "-D", "-e", "-f", str(folder / "sshd_config")]
    if own_view:
        command = ["unshare", "--mount", "sh", "-ec", _own_view(folder, command)]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait_for(port, process, folder)
        with ended_with_us(process.pid):
            yield SftpServer(port, old_port, user, folder, PASSWORD if own_view else None, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STARTS_WITHIN_S)


def _write_folder(folder: Path, port: int, old_port: int) -> None:
    (folder / "home" / "small").mkdir(parents=True)
    kinds = {"ed25519": ("-t", "ed25519"), "ecdsa": ("-t", "ecdsa"), "rsa": ("-t", "rsa", "-b", "2048")}
    host_keys = [new_key(folder / f"host_{kind}", *options) for kind, options in kinds.items()]
    new_key(folder / "key", "-t", "ed25519")
    shutil.copy(folder / "key.pub", folder / "authorized_keys")
    lines = [f"Port {port}", f"Port {old_port}", f"AuthorizedKeysFile {folder}/authorized_keys"]
    lines += [*(f"HostKey {key}" for key in host_keys), *SETTINGS]
    old = [f"Match LocalPort {old_port}", "ForceCommand internal-sftp -P posix-rename", "Match all"]
    (folder / "sshd_config").write_text("\n".join([*lines, *old, "ForceCommand internal-sftp", ""]))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(folder / "home", UID, UID)


def _own_view(folder: Path, command: list[str]) -> str:
    """Give the script that starts the server with users and a small disk that the machine does not have."""
    line = f"{ACCOUNT}:x:{UID}:{UID}::{folder}/home:/bin/sh\n"
    (folder / "passwd").write_text(Path("/etc/passwd").read_text() + line)
    (folder / "shadow").write_text(f"{ACCOUNT}:{PASSWORD_HASH}:19000:0:99999:7:::\n")
    small = folder / "home" / "small"
    return "\n".join(
        [
            f"mount --bind {folder}/passwd /etc/passwd",
            f"mount --bind {folder}/shadow /etc/shadow",
            "mount -t tmpfs none /run",
            "mkdir -m 755 /run/sshd",
            f"mount -t tmpfs -o size={SMALL_BYTES},uid={UID} none {small}",
            f"exec {shlex.join(command)}",
        ]
    )


@functools.cache
def _may_have_own_view() -> bool:
    if shutil.which("unshare") is None:
        return False
    trial = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/run"]
    return subprocess.run(trial, check=False, stderr=subprocess.DEVNULL).returncode == 0


def _wait_for(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as line:
            if line.recv(3) == b"SSH":
                return
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"sshd did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.05)


@pytest.fixture(scope="session")
def sftp_server() -> Iterator[SftpServer]:
    """One server for the session, started for the first test that needs it."""
    with running_server() as server:
        yield server
