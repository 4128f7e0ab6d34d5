"""Does several things at once and gives what came of them in their order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(
    work: Callable[[T], R], items: Iterable[T], at_once: int, ended: threading.Event | None = None
) -> Generator[R, None, None]:
    """Give `work(item)` of every item, in the order of the items, however long each takes.

    No more than `at_once` are begun and not yet given, which bounds what they hold. Items are taken one by one,
    in the caller's thread. The first failure is raised in its turn, and so is an end of the caller's interest:
    what is begun is waited for, nothing more is begun. `ended` is set then, for work that can stop half-way.

    >>> list(in_order(str.upper, ["a", "b", "c"], at_once=2))
    ['A', 'B', 'C']
    """
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(at_once) as pool:
        try:
            for item in items:
                if len(waiting) == at_once:
                    yield waiting.popleft().result()
                waiting.append(pool.submit(work, item))
            while waiting:
                yield waiting.popleft().result()
        finally:
            if ended is not None:
                ended.set()
            for future in waiting:
                future.cancel()
