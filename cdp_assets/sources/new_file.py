"""A file that a look has found and that has not landed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file at the courier's location that is not landed as it is now."""

    tag: str
    name: str
    size_bytes: int
    modified_at: dt.datetime
    file_date: dt.date
    version: str | None = None
    """The ETag or generation of a file in a store of the cloud."""
