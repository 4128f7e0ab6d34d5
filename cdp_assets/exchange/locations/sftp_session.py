"""Connections to one SFTP server: verified, with time limits, each used by one at a time and kept for the next."""

from __future__ import annotations

import contextlib
import logging
import socket
import stat
import threading
import weakref
from collections.abc import Iterator, Mapping

import paramiko
from paramiko.ssh_exception import IncompatiblePeer

from cdp_assets.config.location import SftpLocation
from cdp_assets.exchange.locations.sftp_ahead import AHEAD_BYTES, EVERY_SERVER_BYTES, OPENSSH_BYTES
from cdp_assets.exchange.locations.sftp_error import SftpError, in_our_words
from cdp_assets.exchange.locations.sftp_login import ALGORITHMS, is_host_key, key_types, log_in
from cdp_assets.secrets import Secret

logging.getLogger("paramiko").setLevel(logging.CRITICAL)  # what it logs, it raises as well; with the peer's texts
FASTEST = "aes128-gcm@openssh.com"
KEEPALIVE_S = 15
LONGEST_USE_S = 3600.0
"""What somebody who wants a connection waits for those who use one."""


class Session:
    """One connection, logged in. `base` is the location's folder as the server names it."""

    def __init__(self, transport: paramiko.Transport, sftp: paramiko.SFTPClient, base: str) -> None:
        self.sftp, self.base = sftp, base
        self._transport = transport

    @property
    def is_alive(self) -> bool:
        """Whether the connection has not ended, as far as this side knows."""
        return self._transport.is_active()

    @property
    def request_bytes(self) -> int:
        """How much the server may be asked for, or told, at once."""
        return OPENSSH_BYTES if "OpenSSH" in self._transport.remote_version else EVERY_SERVER_BYTES

    def close(self) -> None:
        """End the connection."""
        self._transport.close()

    def inside(self, name: str) -> str:
        """Give the server's own path of a name, links resolved; SftpError where that is outside of the folder."""
        path = self.sftp.normalize(f"{self.base}/{name}")
        if path != self.base and not path.startswith(f"{self.base.rstrip('/')}/"):
            raise SftpError("leads out of its location", "a name below the location's folder")
        return path


class Sessions:
    """The connections of one location. They end with the last reference to it."""

    def __init__(self, config: SftpLocation, secrets: Mapping[str, Secret]) -> None:
        self._config, self._secrets = config, secrets
        self._key_types = key_types(config.host_key)
        self._idle: list[Session] = []
        self._free = threading.BoundedSemaphore(config.connections)
        weakref.finalize(self, _close_all, self._idle)

    @contextlib.contextmanager
    def one(self) -> Iterator[Session]:
        """Give a connection for the block. After an error that may pass it is not used again."""
        session = self.take()
        try:
            with in_our_words():
                yield session
        except SftpError as error:
            self.give_back(session, error)
            raise
        except BaseException:
            self.end(session)
            raise
        self.give_back(session)

    def take(self) -> Session:
        """Give a connection that nobody uses, or a new one while there may be more; else wait. Raises SftpError."""
        if not self._free.acquire(timeout=LONGEST_USE_S):
            problem = f"{self._config.connections} connections are in use for an hour"
            raise SftpError(problem, "files that are closed when they are read", may_pass=True)
        try:
            with in_our_words():
                return self._unused() or self._connected()
        except BaseException:
            self._free.release()
            raise

    def give_back(self, session: Session, error: SftpError | None = None) -> None:
        """Keep a connection for the next who takes one; end it after an error that may be of the connection."""
        if error is not None and error.may_pass:
            self.end(session)
        else:
            self._idle.append(session)
            self._free.release()

    def end(self, session: Session) -> None:
        """End a connection that was taken."""
        session.close()
        self._free.release()

    def _unused(self) -> Session | None:
        with contextlib.suppress(IndexError):  # of none, or when another thread has taken the last one
            while True:
                session = self._idle.pop()
                if session.is_alive:
                    return session
        return None

    def _connected(self) -> Session:
        transport = self._verified()
        try:
            log_in(transport, self._secrets)
            transport.set_keepalive(KEEPALIVE_S)
            sftp = paramiko.SFTPClient.from_transport(transport, window_size=AHEAD_BYTES)
            assert sftp is not None  # noqa: S101 - of a transport that is logged in
            channel = sftp.get_channel()
            assert channel is not None  # noqa: S101 - it was just opened
            channel.settimeout(self._config.timeout_s)
            return Session(transport, sftp, _folder(sftp, self._config.path))
        except BaseException:
            transport.close()
            raise

    def _verified(self) -> paramiko.Transport:
        """Connect and give the transport whose server has proved to be the configured one.

        A fingerprint does not tell its key's type, and a server shows one key a connection: each type is asked for.
        """
        shown = []
        for kind in self._key_types:
            transport = self._started(kind)
            if transport is None:
                continue
            key = transport.get_remote_server_key()
            if is_host_key(key, self._config.host_key):
                self._key_types = (kind,)
                return transport
            transport.close()
            shown.append(key.fingerprint)
        if not shown:
            raise SftpError(f"the server has no host key of type {', '.join(self._key_types)}", "`host_key` as it has")
        problem = f"the server's host key is another one ({', '.join(shown)})"
        raise SftpError(problem, "that of `host_key`; ask who runs the server before you change it")

    def _started(self, kind: str) -> paramiko.Transport | None:
        """Give a transport whose server has shown a key of a type, or nothing where it has none."""
        line = socket.create_connection((self._config.host, self._config.port), self._config.timeout_s)
        transport = paramiko.Transport(line)
        transport.banner_timeout = transport.handshake_timeout = self._config.timeout_s
        transport.auth_timeout = transport.channel_timeout = self._config.timeout_s
        options = transport.get_security_options()
        options.key_types = ALGORITHMS[kind]
        options.ciphers = (FASTEST, *(cipher for cipher in options.ciphers if cipher != FASTEST))
        try:
            transport.start_client(timeout=self._config.timeout_s)
        except IncompatiblePeer:
            transport.close()
            return None
        except BaseException:
            transport.close()
            raise
        return transport


def _folder(sftp: paramiko.SFTPClient, path: str) -> str:
    """Give the server's own path of the configured folder; raises SftpError where there is none."""
    try:
        base = sftp.normalize(path)
        is_folder = stat.S_ISDIR(sftp.stat(base).st_mode or stat.S_IFDIR)
    except FileNotFoundError:
        is_folder = False
    if not is_folder:
        raise SftpError(f"there is no folder {path}", "`path` with a folder that is there")
    return base


def _close_all(sessions: list[Session]) -> None:
    for session in sessions:
        session.close()
