"""The port to places that hold files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol


@dataclass(frozen=True)
class RemoteFile:
    """A file at a location, as its listing shows it.

    name: relative to the location, parts joined by `/`. modified_at: UTC-aware.
    """

    name: str
    size_bytes: int
    modified_at: datetime


class Location(Protocol):
    """A place that files are fetched from and put to; every name is relative to it and stays inside it.

    Each method raises SourceError (list, fetch) or DeliveryError (put) and nothing else.
    """

    def list(self, prefix: str = "") -> Iterator[RemoteFile]:
        """Give the files whose names begin with `prefix`, in the order of their names."""
        ...

    def fetch(self, name: str) -> BinaryIO:
        """Open a file to read; the caller closes it."""
        ...

    def put(self, name: str, source: Path) -> None:
        """Send a local file under a name. It appears there whole or not at all, and replaces an older one."""
        ...
