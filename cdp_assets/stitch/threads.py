"""Does the same with several things beside each other: numpy and polars leave Python alone while they work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

WORKERS = 2
Thing = TypeVar("Thing")
Result = TypeVar("Result")


def each(do: Callable[[Thing], Result], things: Iterable[Thing]) -> list[Result]:
    """Give what is made of each of some things, in their order.

    >>> each(len, ["a", "bcd"])
    [1, 3]
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(do, things))


def slices(size: int, parts: int) -> list[slice]:
    """Give at most so many slices of some things, all of about one size and none empty.

    >>> slices(5, 2), slices(1, 2), slices(0, 2)
    ([slice(0, 3, None), slice(3, 5, None)], [slice(0, 1, None)], [])
    """
    one = max(-(-size // max(parts, 1)), 1)
    return [slice(start, min(start + one, size)) for start in range(0, size, one)]
