"""A file on its way to an SFTP server: beside its name, in steps that are repeated after a lost connection."""

from __future__ import annotations

import contextlib
import stat
import uuid
from pathlib import PurePosixPath
from typing import BinaryIO

from cdp_assets.exchange.locations.port import BEING_PUT
from cdp_assets.exchange.locations.sftp_error import SftpError, is_refusal
from cdp_assets.exchange.locations.sftp_session import Session

SEGMENT_BYTES = 16 << 20
"""Sent again, at most, after a lost connection: what the server has confirmed before is not."""


class Upload:
    """One file that is sent. Each method is one step; a lost connection in it leaves what the next try takes up."""

    def __init__(self, name: str, size_bytes: int, segment_bytes: int) -> None:
        self._name, self._size_bytes, self._segment_bytes = name, size_bytes, segment_bytes
        self._folder = name.rpartition("/")[0]
        self._hidden = str(PurePosixPath(self._folder) / f"{BEING_PUT}{uuid.uuid4().hex}")
        self._begun = self._moving = False
        self.confirmed = 0
        """Bytes that the server has said it has."""

    @property
    def is_sent(self) -> bool:
        """Whether every byte is there."""
        return self._begun and self.confirmed == self._size_bytes

    def prepare(self, session: Session) -> None:
        """Make the folders of the name; SftpError where one of them leads out, or a folder has the name."""
        made = PurePosixPath()
        for part in PurePosixPath(self._folder).parts:
            made /= part
            _make_folder(session, f"{session.base}/{made}")
            session.inside(str(made))
        mode = _mode(session, f"{session.base}/{self._name}")
        if mode is not None and stat.S_ISDIR(mode):
            raise SftpError("is a folder there", "a name that no folder has")

    def send(self, session: Session, source: BinaryIO) -> None:
        """Send the next segment; it counts when the server has confirmed every packet of it."""
        source.seek(self.confirmed)
        left = min(self._segment_bytes, self._size_bytes - self.confirmed)
        with session.sftp.open(f"{session.base}/{self._hidden}", "r+b" if self.confirmed else "wb") as target:
            target.seek(self.confirmed)
            target.MAX_REQUEST_SIZE = session.request_bytes
            target.set_pipelined(True)
            while left > session.request_bytes and (packet := source.read(session.request_bytes)):
                target.write(packet)
                left -= len(packet)
            target.set_pipelined(False)  # the next write waits for the answers to all of them
            last = source.read(left)
            target.write(last)
        if len(last) != left:
            raise SftpError("became shorter while it was sent", "a file that nobody writes to")
        self._begun, self.confirmed = True, source.tell()

    def move(self, session: Session) -> None:
        """Give the file its name, in place of an older one; SftpError where the server has not all of it."""
        hidden, final = f"{session.base}/{self._hidden}", f"{session.base}/{self._name}"
        moved = self._moving and _mode(session, hidden) is None  # by an earlier try, whose answer was lost
        found = session.sftp.stat(final if moved else hidden).st_size
        if found != self._size_bytes:
            raise SftpError(f"{found} bytes are there of {self._size_bytes}", "a folder with room that nobody changes")
        if not moved:
            self._moving = True
            _replace(session, hidden, final)

    def discard(self, session: Session) -> None:
        """Remove what was sent."""
        session.sftp.remove(f"{session.base}/{self._hidden}")


def _replace(session: Session, hidden: str, final: str) -> None:
    """Rename over an older file; a server that cannot has none under the name for the moment between two renames."""
    try:
        session.sftp.posix_rename(hidden, final)
        return
    except OSError as error:
        if not isinstance(error, PermissionError) and not is_refusal(error):
            raise
    older = f"{hidden}-older"
    if _mode(session, final) is not None:
        session.sftp.rename(final, older)
    try:
        session.sftp.rename(hidden, final)
    except OSError:
        with contextlib.suppress(OSError):
            session.sftp.rename(older, final)
        raise
    with contextlib.suppress(FileNotFoundError):
        session.sftp.remove(older)


def _make_folder(session: Session, path: str) -> None:
    if _mode(session, path) is None:
        try:
            session.sftp.mkdir(path)
        except OSError:
            if _mode(session, path) is None:  # else somebody was quicker
                raise


def _mode(session: Session, path: str) -> int | None:
    """Give a path's type and rights, links followed, or None where there is nothing."""
    try:
        return session.sftp.stat(path).st_mode or stat.S_IFREG
    except FileNotFoundError:
        return None
