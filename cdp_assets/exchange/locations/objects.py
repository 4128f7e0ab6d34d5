"""A location that is a bucket or container of an object store, or what lies below a prefix of one."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar, cast

from cdp_assets.errors import DeliveryError, SourceError
from cdp_assets.exchange.locations.far_side import delivery_errors, source_errors
from cdp_assets.exchange.locations.object_store import ObjectStore, Page, Pinned
from cdp_assets.exchange.locations.part_stream import PartStream
from cdp_assets.exchange.locations.pinned import PinnedObject
from cdp_assets.exchange.locations.port import RemoteFile
from cdp_assets.exchange.patience import tried

T = TypeVar("T")


class ObjectLocation:
    """The objects below one prefix of a bucket, behind the port of all locations.

    An object store has no folders: `in/a.csv` is a name with a slash in it. A name that ends in a slash stands for an
    empty folder in some stores' own tools and is no file here; neither is one that would lead out of a folder on disk.
    """

    def __init__(self, store: ObjectStore, prefix: str = "") -> None:
        self._store = store
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def list(self, prefix: str = "") -> Iterator[RemoteFile]:
        """Give the objects whose names begin with `prefix`, in the order of names; one page of them is in memory."""
        for page in self._pages(prefix):
            for found in page.objects:
                name = found.key.removeprefix(self._prefix)
                if is_file_name(name):
                    yield RemoteFile(name, found.size_bytes, found.modified_at, found.version)

    def look(self, name: str) -> RemoteFile | None:
        """Give an object as it is now; of those whose names begin with its name, it is the first."""
        first = next(self.list(name), None) if is_file_name(name) else None
        return first if first is not None and first.name == name else None

    def fetch(self, name: str) -> BinaryIO:
        """Open the object as it is now; SourceError, here or while it is read, where another one takes its place."""
        if not is_file_name(name):
            raise SourceError(self._where(name), "leads out of its location", "a name below the location's prefix")
        key, part_bytes = self._prefix + name, self._store.part_bytes
        pinned, first = self._read(name, lambda: self._store.first(key, part_bytes))
        stream = PartStream(self._where(name), pinned, first, self._parts(name, pinned), part_bytes=part_bytes)
        return cast(BinaryIO, io.BufferedReader(stream, part_bytes))

    def pinned(self, name: str, version: str, size_bytes: int) -> PinnedObject:
        """Give one version of an object, as a listing has shown it, to be read in parts; nothing is asked for yet."""
        return PinnedObject(self._where(name), size_bytes, self._parts(name, Pinned(version, size_bytes, None)))

    def put(self, name: str, source: Path) -> None:
        """Send a file as an object; it shows under its name once the store has all of it, checked by its sum."""
        try:
            with self._delivery_errors(name), source.open("rb") as content:
                self._send(self._prefix + name, content, source.stat().st_size)
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise DeliveryError(f"{source}: cannot be read ({why}). Expected a readable file to send.") from error

    def remove(self, name: str) -> None:
        """Remove an object; where there is none, nothing."""
        with self._delivery_errors(name):
            tried(lambda: self._store.remove(self._prefix + name), self._store.patience, self._where(name))

    @contextlib.contextmanager
    def _delivery_errors(self, name: str) -> Iterator[None]:
        """Raise DeliveryError for a name that leads out of the prefix, and for what the block is refused."""
        where = self._where(name)
        if not is_file_name(name):
            raise DeliveryError(f"{where}: leads out of the location. Expected a name below the location's prefix.")
        with delivery_errors(where):
            yield

    def _pages(self, prefix: str) -> Iterator[Page]:
        following: str | None = None
        while True:
            page = self._page(prefix, following)
            yield page
            following = page.following
            if following is None:
                return

    def _page(self, prefix: str, following: str | None) -> Page:
        return self._read(prefix, lambda: self._store.page(self._prefix + prefix, following))

    def _parts(self, name: str, pinned: Pinned) -> Callable[[int, int], bytes]:
        """Give what gives so many bytes of a version from a place on."""

        def part(start: int, length: int) -> bytes:
            return self._read(name, lambda: self._store.part(self._prefix + name, pinned, start, length))

        return part

    def _read(self, name: str, request: Callable[[], T]) -> T:
        """Make a request that may be repeated; what it is refused with becomes a SourceError that names the object."""
        where = self._where(name)
        with source_errors(where):
            return tried(request, self._store.patience, where)

    def _send(self, key: str, content: BinaryIO, size_bytes: int) -> None:
        if size_bytes > self._store.part_bytes:
            self._store.put_large(key, content, size_bytes)
        else:
            whole = content.read()
            tried(lambda: self._store.put(key, whole), self._store.patience, f"{self._store.url}/{key}")

    def _where(self, name: str) -> str:
        return f"{self._store.url}/{self._prefix}{name}"


def is_file_name(name: str) -> bool:
    r"""Say whether an object's name can be that of a file below a folder.

    >>> [is_file_name(name) for name in ["in/a b.csv", "", "in/", "/etc/hosts", "../a", "a/../b", "a\0b"]]
    [True, False, False, False, False, False, False]
    """
    parts = name.split("/")
    return parts[0] != "" and parts[-1] != "" and ".." not in parts and "\0" not in name
