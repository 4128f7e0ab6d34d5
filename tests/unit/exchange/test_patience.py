"""What is tried again, how often, and with which pauses."""

from __future__ import annotations

import pytest

from cdp_assets.exchange.patience import MayPassError, Patience, tried

AT_ONCE = Patience(tries=3, first_wait_s=0.0)


class BusyError(MayPassError):
    may_pass = True


class RefusedError(MayPassError):
    may_pass = False


def after(*errors: Exception) -> list[str]:
    """Ask something that fails with these errors first; give what it was asked."""
    asked: list[str] = []
    left = list(errors)

    def request() -> list[str]:
        asked.append("asked")
        if left:
            raise left.pop(0)
        return asked

    return tried(request, AT_ONCE, "it")


def test_what_may_pass_is_asked_again() -> None:
    assert len(after(BusyError(), BusyError())) == 3


def test_the_last_try_s_error_is_raised() -> None:
    with pytest.raises(BusyError, match="third"):
        after(BusyError("first"), BusyError("second"), BusyError("third"))


@pytest.mark.parametrize("error", [RefusedError(), ValueError()])
def test_anything_else_is_raised_at_once(error: Exception) -> None:
    with pytest.raises(type(error)):
        after(error, BusyError())


def test_waits_double_to_the_longest_and_half_of_each_is_chance() -> None:
    patience = Patience(tries=6, first_wait_s=1.0, longest_wait_s=4.0)
    seen = [list(patience.waits()) for _ in range(20)]
    for longest, waits in zip([1, 2, 4, 4, 4], zip(*seen, strict=True), strict=True):
        assert all(longest / 2 <= wait_s <= longest for wait_s in waits)
        assert len(set(waits)) > 1
