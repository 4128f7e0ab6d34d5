"""An SFTP server whose answers are shorter than what is asked for, as the protocol allows and OpenSSH's never are."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import paramiko

ANSWER_BYTES = 10_000
NAME = "a.csv"


class _Anybody(paramiko.ServerInterface):
    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED


class _Handle(paramiko.SFTPHandle):
    def __init__(self, content: bytes) -> None:
        super().__init__()
        self._content = content

    def stat(self) -> paramiko.SFTPAttributes:
        return _attributes(0o100644, len(self._content))

    def read(self, offset: int, length: int) -> bytes:
        return self._content[offset : offset + min(length, ANSWER_BYTES)]


class _OneFile(paramiko.SFTPServerInterface):
    def __init__(self, server: paramiko.ServerInterface, content: bytes) -> None:
        super().__init__(server)
        self._content = content

    def stat(self, path: str) -> paramiko.SFTPAttributes:
        return _attributes(0o100644, len(self._content)) if path.endswith(NAME) else _attributes(0o40755, 0)

    def open(self, path: str, flags: int, attr: paramiko.SFTPAttributes) -> paramiko.SFTPHandle:
        return _Handle(self._content)


def _attributes(mode: int, size: int) -> paramiko.SFTPAttributes:
    found = paramiko.SFTPAttributes()
    found.st_mode, found.st_size, found.st_mtime, found.st_atime = mode, size, 1, 1
    return found


@contextlib.contextmanager
def stingy_server(content: bytes) -> Iterator[tuple[int, str]]:
    """Give the port and the host key of a server that has one file, `NAME`, for one connection."""
    key = paramiko.ECDSAKey.generate()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            transport = paramiko.Transport(client)
            transport.add_server_key(key)
            transport.set_subsystem_handler("sftp", paramiko.SFTPServer, _OneFile, content)
            transport.start_server(server=_Anybody())

        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1]), f"{key.get_name()} {key.get_base64()}"
