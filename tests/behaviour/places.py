"""One maker per kind of location: an empty place of a real server, for one test, with faults on the way where asked."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from cdp_assets.config.location import LocalLocation, SftpLocation
from cdp_assets.exchange.locations import Location, open_location
from cdp_assets.exchange.locations.objects import ObjectLocation
from cdp_assets.exchange.locations.sftp import SftpFolder
from cdp_assets.exchange.patience import Patience
from cdp_assets.secrets import Secret
from tests.faulty_line import FaultyLine, faulty_line
from tests.object_stores import CLIENTS, Server
from tests.sftp_server import SftpServer

AT_ONCE = Patience(tries=4, first_wait_s=0.0)
"""As many tries as tests need, without pauses."""
SEGMENT_BYTES = 1 << 20
"""So that tests' files have several."""
SHORT_S = 1.0
"""How long a stalled server is waited for."""
SSH_LOGIN_BYTES = 8_000


@dataclass(frozen=True)
class Place:
    """An empty location, and what its user may not reach."""

    location: Location
    secret: Callable[[], str]
    """Gives what is in the file `../secret.txt`, which holds "secret"."""


class Faults(Protocol):
    """What can befall the way to a server; `times` is how often, then all is well."""

    def cut_fetch(self, after_bytes: int, times: int = 1) -> None:
        """Cut connections after about so many bytes of what is fetched."""
        ...

    def cut_put(self, after_bytes: int, times: int = 1) -> None:
        """Cut connections after about so many bytes of what is put."""
        ...

    def stall(self, times: int) -> None:
        """Let the server not answer any more."""
        ...

    def slow(self, seconds: float) -> None:
        """Let every piece of what is said come late, either way."""
        ...

    def down(self) -> None:
        """Refuse connections."""
        ...

    def up(self) -> None:
        """Take connections again."""
        ...


@dataclass(frozen=True)
class FaultyPlace:
    """The same place twice: over a line with faults, and without any."""

    location: Location
    direct: Location
    faults: Faults


class LineFaults:
    """Faults of a TCP line. Each befalls one connection, and a connection is used until it is cut.

    login_bytes: About what is said, each way, before a file is.
    """

    def __init__(self, line: FaultyLine, login_bytes: int) -> None:
        self._line, self._login_bytes = line, login_bytes
        self.stall = lambda times: line.stall(times=times)
        self.down, self.up = line.down, line.up

    def slow(self, seconds: float) -> None:
        """Hold each piece back."""
        self._line.pause_s = seconds

    def cut_fetch(self, after_bytes: int, times: int = 1) -> None:
        """Cut what the server says."""
        self._line.cut(self._login_bytes + after_bytes, "to_client", times=times)

    def cut_put(self, after_bytes: int, times: int = 1) -> None:
        """Cut what the server is told."""
        self._line.cut(self._login_bytes + after_bytes, "to_server", times=times)


def sftp_folder(server: SftpServer, path: Path | str, *, port: int | None = None, **settings: Any) -> SftpFolder:
    """Give a folder of the server's user, by its key; `port` is that of a line to the server."""
    values = {"port": port or server.port, "path": str(path), "host_key": server.host_key(), "timeout_s": 10.0}
    config = SftpLocation.model_validate({"host": "127.0.0.1", **values, **settings})
    key = Secret((server.folder / "key").read_text())
    held = {"username": Secret(server.user), "private_key": key}
    return SftpFolder(config, held, patience=AT_ONCE, segment_bytes=SEGMENT_BYTES)


def new_sftp_folder(server: SftpServer) -> Path:
    """Make an empty folder that belongs to the server's user, beside a secret file that does as well."""
    folder = server.home / secrets.token_hex(6) / "shop"
    folder.mkdir(parents=True)
    (folder.parent / "secret.txt").write_text("secret")
    if os.geteuid() == 0:
        for path in (folder.parent, *folder.parent.iterdir()):
            os.chown(path, server.owner, -1)
    return folder


def _local(request: pytest.FixtureRequest, root: Path) -> Place:
    (root / "secret.txt").write_text("secret")
    return Place(open_location(LocalLocation(path="shop"), root), (root / "secret.txt").read_text)


def _sftp(request: pytest.FixtureRequest, root: Path) -> Place:
    server: SftpServer = request.getfixturevalue("sftp_server")
    folder = new_sftp_folder(server)
    return Place(sftp_folder(server, folder), (folder.parent / "secret.txt").read_text)


def _faulty_sftp(request: pytest.FixtureRequest) -> FaultyPlace:
    server: SftpServer = request.getfixturevalue("sftp_server")
    folder, line = new_sftp_folder(server), line_to(request, server.port)
    faulty = sftp_folder(server, folder, port=line.port, timeout_s=SHORT_S)
    return FaultyPlace(faulty, sftp_folder(server, folder), LineFaults(line, SSH_LOGIN_BYTES))


def _object_store(kind: str) -> Callable[[pytest.FixtureRequest, Path], Place]:
    """Give what makes a place below a prefix of a new bucket, opened as the platform does."""

    def make(request: pytest.FixtureRequest, root: Path) -> Place:
        server: Server = request.getfixturevalue(f"{kind}_server")
        bucket = server.new_bucket()
        store = server.store(bucket)
        store.put("secret.txt", b"secret")
        location = open_location(server.config(bucket, "shop"), root, server.secrets, CLIENTS)
        return Place(location, lambda: store.first("secret.txt", 100)[1].decode())

    return make


def _faulty_object_store(kind: str) -> Callable[[pytest.FixtureRequest], FaultyPlace]:
    """Give what makes a new bucket that is reached over a line."""

    def make(request: pytest.FixtureRequest) -> FaultyPlace:
        server: Server = request.getfixturevalue(f"{kind}_server")
        bucket, line = server.new_bucket(), line_to(request, server.port)
        faulty = server.store(bucket, port=line.port, patience=AT_ONCE, timeout_s=SHORT_S)
        return FaultyPlace(ObjectLocation(faulty), ObjectLocation(server.store(bucket)), LineFaults(line, 0))

    return make


def line_to(request: pytest.FixtureRequest, port: int) -> FaultyLine:
    """Give a line that is taken down after the test."""
    block = faulty_line(port)
    request.addfinalizer(lambda: block.__exit__(None, None, None))
    return block.__enter__()


OBJECT_STORES = ("s3", "azure", "gcs")
"""Kinds that have no folders: a slash is a character like another."""
MAKE: dict[str, Callable[[pytest.FixtureRequest, Path], Place]] = {
    "local": _local,
    "sftp": _sftp,
    **{kind: _object_store(kind) for kind in OBJECT_STORES},
}
"""Kind -> what makes an empty place; the path is that of an empty folder of the test's."""
FAULTY: dict[str, Callable[[pytest.FixtureRequest], FaultyPlace]] = {
    "sftp": _faulty_sftp,
    **{kind: _faulty_object_store(kind) for kind in OBJECT_STORES},
}
"""Kind that is reached over a network -> what makes an empty place with faults on the way."""
