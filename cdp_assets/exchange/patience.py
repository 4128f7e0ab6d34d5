"""How often a far side is asked again that may answer later, and how long is waited in between."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

_ONCE = ContextVar("once", default=False)


class MayPassError(Exception):
    """What a far side answered; `may_pass` says whether the same request may be answered otherwise later."""

    may_pass: bool


@dataclass(frozen=True)
class Patience:
    """Tries of one request, and the seconds between them: doubled each time, of which half is left to chance.

    The chance keeps many that were refused together from coming back together.
    """

    tries: int = 6
    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0

    def waits(self) -> Iterator[float]:
        """Give the seconds before each further try.

        >>> [wait_s for wait_s in Patience(tries=4, first_wait_s=0.0).waits()]
        [0.0, 0.0, 0.0]
        """
        for turn in range(self.tries - 1):
            wait_s = min(self.longest_wait_s, self.first_wait_s * 2**turn)
            yield random.uniform(wait_s / 2, wait_s)  # noqa: S311 - no secret hangs on it


PATIENT = Patience()
"""What a request is worth where nothing else is said: six tries within a quarter of a minute or so."""


@contextmanager
def asked_once() -> Iterator[None]:
    """Let nothing that is asked in the block be tried again: somebody waits for the answer, whatever it is."""
    before = _ONCE.set(True)
    try:
        yield
    finally:
        _ONCE.reset(before)


def tried(request: Callable[[], T], patience: Patience, what: str) -> T:
    """Give what a request gives, trying again after each MayPassError that may pass; the last one is raised.

    Args:
        request: Leaves nothing behind that a second one would double.
        patience: How often and how long.
        what: Names the request in the log.
    """
    for turn, wait_s in enumerate(() if _ONCE.get() else patience.waits(), 1):
        try:
            return request()
        except MayPassError as error:
            if not error.may_pass:
                raise
            logger.info("%s: try %d of %d failed: %s", what, turn, patience.tries, error)
        time.sleep(wait_s)
    return request()
