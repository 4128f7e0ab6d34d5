"""Does the same with several things beside each other: numpy and polars leave Python alone while they work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
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


def even_slices(size: int, at_most: int) -> Iterator[slice]:
    """Give slices of so many things, as many as all workers do in the same time; none is empty.

    >>> list(even_slices(5, 100)), list(even_slices(5, 2))
    ([slice(0, 3, None), slice(3, 5, None)], [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)])
    """
    parts = WORKERS * max(-(-size // (WORKERS * at_most)), 1)
    one = max(-(-size // parts), 1)
    return (slice(start, min(start + one, size)) for start in range(0, size, one))
