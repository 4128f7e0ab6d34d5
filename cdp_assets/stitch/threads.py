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
