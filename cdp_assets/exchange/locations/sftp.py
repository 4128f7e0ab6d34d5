"""A location that is a folder of an SFTP server."""

from __future__ import annotations

import contextlib
import io
import posixpath
import stat
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

import paramiko

from cdp_assets.config.location import SftpLocation
from cdp_assets.errors import DeliveryError, SourceError
from cdp_assets.exchange.locations.far_side import delivery_errors, source_errors
from cdp_assets.exchange.locations.port import BEING_PUT, RemoteFile
from cdp_assets.exchange.locations.sftp_error import SftpError
from cdp_assets.exchange.locations.sftp_session import Session, Sessions
from cdp_assets.exchange.locations.sftp_stream import READ_BYTES, SftpStream
from cdp_assets.exchange.locations.sftp_upload import SEGMENT_BYTES, Upload
from cdp_assets.exchange.patience import Patience, tried
from cdp_assets.secrets import Secret

T = TypeVar("T")

PATIENCE = Patience()


class SftpFolder:
    """The files below one folder of a server. The folder must be there; those below it are made when needed."""

    def __init__(
        self,
        config: SftpLocation,
        secrets: Mapping[str, Secret],
        *,
        patience: Patience = PATIENCE,
        segment_bytes: int = SEGMENT_BYTES,
    ) -> None:
        self._url, self._segment_bytes = config.address, segment_bytes
        self._sessions, self._patience = Sessions(config, secrets), patience

    def list(self, prefix: str = "") -> Iterator[RemoteFile]:
        """Give the regular files whose names begin with `prefix`, sorted by name.

        Symbolic links are not followed and not listed. Times are the server's, in whole seconds.
        """
        with source_errors(self._where(prefix)):
            yield from self._walk("", prefix)

    def look(self, name: str) -> RemoteFile | None:
        """Give a regular file as it is now; None where there is none, or a link stands in its way."""
        if not _is_inside(name):
            return None
        with source_errors(self._where(name)):
            return self._asked(name, lambda session: _seen(session, name))

    def fetch(self, name: str) -> BinaryIO:
        """Open a file to read; the caller closes it, which gives its connection back."""
        if not _is_inside(name):
            raise SourceError(self._where(name), "leads out of its location", "a name below the location's folder")
        stream = SftpStream(self._sessions, name, self._where(name), self._patience)
        return cast(BinaryIO, io.BufferedReader(stream, READ_BYTES))

    def put(self, name: str, source: Path) -> None:
        """Send a file: written beside its name, confirmed by the server to the last byte, then renamed.

        It goes on after the last confirmed segment when the connection is lost. Where a server cannot rename over a
        file, a reader may find none for a moment while an older one is replaced.
        """
        try:
            with self._delivery_errors(name), source.open("rb") as content:
                self._send(name, content, source.stat().st_size)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise DeliveryError(f"{source}: cannot be read ({why}). Expected a readable file to send.") from error

    def remove(self, name: str) -> None:
        """Remove a file; where there is none, nothing. A symbolic link to a folder is not followed out of this one."""
        with self._delivery_errors(name):
            self._asked(name, lambda session: _remove(session, name))

    def _send(self, name: str, content: BinaryIO, size_bytes: int) -> None:
        upload = Upload(name, size_bytes, self._segment_bytes)
        self._asked(name, upload.prepare)
        try:
            while not upload.is_sent:
                self._asked(name, lambda session: upload.send(session, content))
            self._asked(name, upload.move)
        except BaseException:
            with contextlib.suppress(SftpError), self._sessions.one() as session:
                upload.discard(session)
            raise

    @contextlib.contextmanager
    def _delivery_errors(self, name: str) -> Iterator[None]:
        """Raise DeliveryError for a name that leads out of the folder, and for what the block is refused."""
        where = self._where(name)
        if not _is_inside(name):
            raise DeliveryError(f"{where}: leads out of the location. Expected a name below the location's folder.")
        with delivery_errors(where):
            yield

    def _walk(self, folder: str, prefix: str) -> Iterator[RemoteFile]:
        """Give the files below a folder, whose name is empty or ends with `/`, as far as the prefix leads there."""
        for name, entry in sorted(self._asked(folder, lambda session: _entries(session, folder)).items()):
            if name.endswith("/"):
                if name.startswith(prefix) or prefix.startswith(name):
                    yield from self._walk(name, prefix)
            elif name.startswith(prefix):
                yield _remote(name, entry)

    def _asked(self, name: str, request: Callable[[Session], T]) -> T:
        """Give what a connection answers, over a new one after each that is lost; raises SftpError."""

        def once() -> T:
            with self._sessions.one() as session:
                return request(session)

        return tried(once, self._patience, self._where(name))

    def _where(self, name: str) -> str:
        return f"{self._url}/{name}"


def _is_inside(name: str) -> bool:
    return not name.startswith("/") and name != "" and "\0" not in name and ".." not in name.split("/")


def _remove(session: Session, name: str) -> None:
    try:
        folder = session.inside(posixpath.dirname(name))
        session.sftp.remove(f"{folder}/{posixpath.basename(name)}")
    except FileNotFoundError:
        return  # somebody has removed it, or an earlier try whose answer was lost


def _remote(name: str, entry: paramiko.SFTPAttributes) -> RemoteFile:
    return RemoteFile(name, entry.st_size or 0, datetime.fromtimestamp(entry.st_mtime or 0, UTC))


def _seen(session: Session, name: str) -> RemoteFile | None:
    path = f"{session.base}/{name}"
    try:
        is_linked = session.sftp.normalize(path) != path.replace("//", "/")
        entry = session.sftp.lstat(path)
    except FileNotFoundError:
        return None
    is_file = stat.S_ISREG(entry.st_mode or stat.S_IFREG) and not name.rpartition("/")[2].startswith(BEING_PUT)
    return _remote(name, entry) if is_file and not is_linked else None


def _entries(session: Session, folder: str) -> dict[str, paramiko.SFTPAttributes]:
    """Give a folder's regular files and, with a `/` behind, its folders: so the names sort as all those below do."""
    try:
        found = session.sftp.listdir_attr(f"{session.base}/{folder}")
    except FileNotFoundError:
        return {}  # gone since the folder above it was read
    named = {}
    for entry in found:
        mode = entry.st_mode or stat.S_IFREG
        if stat.S_ISDIR(mode):
            named[f"{folder}{entry.filename}/"] = entry
        elif stat.S_ISREG(mode) and not entry.filename.startswith(BEING_PUT):
            named[f"{folder}{entry.filename}"] = entry
    return named
