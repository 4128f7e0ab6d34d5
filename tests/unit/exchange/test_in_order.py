"""Several things at once: their order, how many there are, and what a failure leaves undone."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from cdp_assets.exchange.in_order import in_order


def test_results_come_in_the_order_of_the_items_whichever_ends_first() -> None:
    second = threading.Event()

    def work(item: str) -> str:
        if item == "first":
            assert second.wait(10)
        else:
            second.set()
        return item

    assert list(in_order(work, ["first", "second"], at_once=2)) == ["first", "second"]


def test_no_more_are_begun_than_at_once_and_taken_only_then() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(10):
            taken.append(number)
            yield number

    found = in_order(lambda number: number, items(), at_once=3)
    assert taken == []
    assert [next(found), next(found)] == [0, 1]
    assert taken == [0, 1, 2, 3, 4]
    found.close()
    assert taken == [0, 1, 2, 3, 4]


def test_the_first_failure_in_order_is_raised_and_nothing_more_is_begun() -> None:
    begun: list[int] = []

    def work(number: int) -> int:
        begun.append(number)
        if number >= 1:
            raise OSError(number)
        return number

    given: list[int] = []
    with pytest.raises(OSError, match="1"):
        given.extend(in_order(work, range(100), at_once=2))
    assert given == [0]
    assert max(begun) <= 3


def test_what_is_begun_is_waited_for_when_nobody_wants_more() -> None:
    begun, done = threading.Event(), threading.Event()

    def work(number: int) -> int:
        if number == 1:
            begun.set()
            assert not done.wait(0.05)
            done.set()
        return number

    found = in_order(work, range(5), at_once=2)
    assert next(found) == 0
    assert begun.wait(10)
    found.close()
    assert done.is_set()


def test_nothing_of_nothing() -> None:
    assert list(in_order(lambda item: item, [], at_once=2)) == []
