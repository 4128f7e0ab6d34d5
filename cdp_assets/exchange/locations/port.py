"""The port to places that hold files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

BEING_PUT = ".cdp-put-"
"""What the names of files begin with that are not whole yet, where a kind writes them beside their final name."""


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file at a location, as its listing shows it.

    name: relative to the location, parts joined by `/`. modified_at: UTC-aware. version: by which a store of the cloud
    gives these bytes and no others.
    """

    name: str
    size_bytes: int
    modified_at: datetime
    version: str | None = None


class Location(Protocol):
    """A place that files are fetched from and put to; every name is relative to it and stays inside it.

    Each method, and reading what `fetch` gives, raises SourceError (list, look, fetch) or DeliveryError (put), nothing
    else. A far side that does not answer, or stops answering, is tried again with growing pauses, a bounded number of
    times; then the error is a SourceUnreachableError or DeliveryUnreachableError, which a later run may not meet. An
    answer that will not change (refused, forbidden, absent, no room) is a plain one, at once.
    """

    def list(self, prefix: str = "") -> Iterator[RemoteFile]:
        """Give the files whose names begin with `prefix`, in the order of their names.

        What is being put, here or by another program of ours, is not among them.
        """
        ...

    def look(self, name: str) -> RemoteFile | None:
        """Give one file as the listing shows it, without the others; None where no file has the name."""
        ...

    def fetch(self, name: str) -> BinaryIO:
        """Open a file to read; the caller closes it.

        A connection that drops is opened anew and the bytes go on where they stopped. Every byte is of one version:
        where the file has changed meanwhile, reading on is an error.
        """
        ...

    def put(self, name: str, source: Path) -> None:
        """Send a local file under a name. It appears there whole or not at all, and replaces an older one.

        Folders in the name are made. A put that was cut off leaves nothing under the name; a repeated one is whole.
        """
        ...

    def remove(self, name: str) -> None:
        """Remove a file; a name under which there is none is no error. Raises what `put` raises."""
        ...
