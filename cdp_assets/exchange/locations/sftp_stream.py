"""A file of an SFTP server as a stream that goes on where it stopped when its connection is lost."""

from __future__ import annotations

import contextlib
import io
import stat
from collections.abc import Callable
from typing import TypeVar

from cdp_assets.exchange.locations.far_side import source_errors
from cdp_assets.exchange.locations.sftp_ahead import Ahead
from cdp_assets.exchange.locations.sftp_error import SftpError, changed, in_our_words
from cdp_assets.exchange.locations.sftp_session import Session, Sessions
from cdp_assets.exchange.patience import Patience, tried

T = TypeVar("T")

READ_BYTES = 1 << 20


class OpenFile:
    """A file of the server, open to read over one connection, from one place on."""

    def __init__(self, session: Session, name: str, start: int) -> None:
        path = session.inside(name)
        if not stat.S_ISREG(session.sftp.stat(path).st_mode or stat.S_IFREG):  # a pipe would wait for its writer
            raise SftpError("is not a regular file", "a file")
        self.session = session
        self._file = session.sftp.open(path, "rb")
        self.state = self._state_now()
        self._ahead = Ahead(session.sftp, self._file.handle, start, self.state[0], session.request_bytes)

    def read(self) -> bytes:
        """Give some of the next bytes, none at the end; SftpError where the file has changed since it was opened."""
        if chunk := self._ahead.read():
            return chunk
        if self._state_now() != self.state:
            raise changed()
        return b""

    def close(self, sessions: Sessions) -> None:
        """Close the file and give its connection back; or end it, with all that was asked for and is on its way."""
        if not self._ahead.is_quiet:
            sessions.end(self.session)
            return
        with contextlib.suppress(SftpError), in_our_words():
            self._file.close()
        sessions.give_back(self.session)

    def _state_now(self) -> tuple[int, int | None]:
        """Give the size and the time of the last change."""
        found = self._file.stat()
        return found.st_size or 0, found.st_mtime


class SftpStream(io.RawIOBase):
    """Reads one file from front to end, whatever happens to the connection; raises SourceError where it cannot."""

    def __init__(self, sessions: Sessions, name: str, where: str, patience: Patience) -> None:
        self._sessions, self._name, self._where, self._patience = sessions, name, where, patience
        self._file: OpenFile | None = None
        self._state: tuple[int, int | None] | None = None
        self._at = 0
        self._came = b""
        self._asking(self._opened)

    def readable(self) -> bool:
        """Say yes: this is all it can do."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the front of `buffer`; say how many bytes came, 0 at the end."""
        view = memoryview(buffer)  # type: ignore[arg-type]  # typeshed has no name for a writable buffer here
        if not self._came:
            self._came = self._asking(lambda: self._opened().read())
            self._at += len(self._came)
        chunk, self._came = self._came[: len(view)], self._came[len(view) :]
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        """Give the connection back."""
        if self._file is not None:
            self._file.close(self._sessions)
            self._file = None
        super().close()

    def _opened(self) -> OpenFile:
        """Give the file as it is open; after a lost connection, again, if it is still the same."""
        if self._file is None:
            session = self._sessions.take()
            try:
                with in_our_words():
                    self._file = OpenFile(session, self._name, self._at)
            except SftpError as error:
                self._sessions.give_back(session, error)
                raise
            if self._at == 0:
                self._state = self._file.state
            elif self._file.state != self._state:
                raise changed()
        return self._file

    def _asking(self, request: Callable[[], T]) -> T:
        with source_errors(self._where):
            return tried(lambda: self._once(request), self._patience, self._where)

    def _once(self, request: Callable[[], T]) -> T:
        """Make a request; its connection is dropped where it is lost, so that the next try makes a new one."""
        try:
            with in_our_words():
                return request()
        except SftpError as error:
            if error.may_pass and self._file is not None:
                self._sessions.end(self._file.session)
                self._file = None
            raise
