"""Which files at a location are whole: those whose names do not say otherwise, and that two looks see alike."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from cdp_assets.config.courier import Courier
from cdp_assets.config.location import SftpLocation
from cdp_assets.exchange.locations import RemoteFile

logger = logging.getLogger(__name__)

UNFINISHED = (".part", ".partial", ".filepart", ".tmp")
"""What programs that upload add to a name until the file is whole; `.filepart` is WinSCP's."""


class Seen(Protocol):
    """A file as a look has seen it."""

    @property
    def name(self) -> str: ...

    @property
    def size_bytes(self) -> int: ...

    @property
    def modified_at(self) -> dt.datetime: ...


File = TypeVar("File", bound=Seen)


def is_unfinished(name: str) -> bool:
    """Say whether a file's name tells that it is being uploaded: it is hidden, or has an ending for that.

    >>> [is_unfinished(name) for name in ["in/a.csv", "in/.a.csv", "a.csv.filepart", "a.PART", ".in/a.csv"]]
    [False, True, True, True, False]
    """
    last = name.rpartition("/")[2]
    return last.startswith(".") or last.lower().endswith(UNFINISHED)


def settle_s(courier: Courier) -> float:
    """Give the seconds between two looks at a courier's new files: none where files only show when they are whole.

    In a local drop folder the sensor has looked twice before it starts a run.
    """
    return courier.location.settle_s if isinstance(courier.location, SftpLocation) else 0.0


def settled(
    found: list[File],
    look: Callable[[], Iterable[RemoteFile]],
    wait_s: float,
    wait: Callable[[float], None] = time.sleep,
) -> list[File]:
    """Give the files that a second look, so many seconds later, sees with the same size and time of change.

    Neither of them is compared with a clock: a server's may be wrong. Without files, or seconds, nothing is waited for.
    """
    if not found or not wait_s:
        return found
    wait(wait_s)
    again = {(file.name, file.size_bytes, file.modified_at) for file in look()}
    kept = []
    for file in found:
        if (file.name, file.size_bytes, file.modified_at) in again:
            kept.append(file)
        else:
            logger.info("%s is still being written; left for the next look", file.name)
    return kept
