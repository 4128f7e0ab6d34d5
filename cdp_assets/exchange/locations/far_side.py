"""What a server or a store answers instead of what was asked, and how the port of locations tells it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from cdp_assets.errors import DeliveryError, DeliveryUnreachableError, SourceError, SourceUnreachableError
from cdp_assets.exchange.patience import MayPassError


class FarSideError(MayPassError):
    """Such an answer; never with a secret in it."""

    def __init__(self, problem: str, expected: str, *, may_pass: bool = False) -> None:
        self.problem, self.expected, self.may_pass = problem, expected, may_pass
        super().__init__(problem)


@contextlib.contextmanager
def source_errors(where: str) -> Iterator[None]:
    """Raise SourceError for what the block is answered; SourceUnreachableError for what may pass."""
    try:
        yield
    except FarSideError as error:
        kind = SourceUnreachableError if error.may_pass else SourceError
        raise kind(where, error.problem, error.expected) from None


@contextlib.contextmanager
def delivery_errors(where: str) -> Iterator[None]:
    """Raise DeliveryError for what the block is answered; DeliveryUnreachableError for what may pass."""
    try:
        yield
    except FarSideError as error:
        kind = DeliveryUnreachableError if error.may_pass else DeliveryError
        raise kind(f"{where}: {error.problem}. Expected {error.expected}.") from None
