"""A byte that changes on its way from a store is seen, whatever the length says: asked for again, and never landed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdp_assets.errors import SourceDamagedError, Transient
from cdp_assets.exchange.locations.objects import ObjectLocation
from cdp_assets.exchange.patience import Patience
from cdp_assets.sources.landing import DAMAGED_TRIES
from tests.behaviour.places import OBJECT_STORES
from tests.behaviour.test_landing_of_locations import Landing
from tests.faulty_http import FaultyHttp, faulty_http
from tests.object_stores import Server

NAME, PART_BYTES = "orders_2026_11_20.csv", 256 << 10
CONTENT = random.Random(7).randbytes(3 * PART_BYTES + 17)
CONTENT_OF = {"gcs": rf"^/download/.*{NAME}", "s3": rf"^[^?]*{NAME}", "azure": rf"^[^?]*{NAME}"}
"""Kind -> the requests that answer with bytes of the file."""


class Way:
    """A store with one file that was put in parts, the way to it, and an installation that fetches from there."""

    def __init__(self, kind: str, server: Server, door: FaultyHttp, root: Path) -> None:
        bucket, tuning = server.new_bucket(), {"part_bytes": PART_BYTES, "patience": Patience(tries=2, first_wait_s=0)}
        (root / NAME).write_bytes(CONTENT)
        ObjectLocation(server.store(bucket, **tuning)).put(NAME, root / NAME)
        self.location = ObjectLocation(server.store(bucket, port=door.port, **tuning))
        self.landing, self._door, self._path = Landing(root), door, CONTENT_OF[kind]

    def alter(self, times: int) -> None:
        """Let so many of the next answers be altered."""
        self._door.alter_answer(PART_BYTES, times=times, path=self._path)

    def heal(self) -> None:
        """Let no answer be altered any more."""
        self._door.forget()

    def landed(self) -> list[bytes]:
        """Look once; give what has landed."""
        found = self.landing.look(self.location)
        return [(self.landing.lake / file.path).read_bytes() for file in found.values()]


@pytest.fixture(params=OBJECT_STORES)
def way(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Way]:
    """The way from a store."""
    server: Server = request.getfixturevalue(f"{request.param}_server")
    with faulty_http(server.port) as door:
        yield Way(request.param, server, door, tmp_path)


@pytest.mark.parametrize("times", [1, 2])
def test_a_file_that_was_damaged_is_fetched_again(way: Way, times: int) -> None:
    """The whole of it: which byte it was nobody knows."""
    way.alter(times)
    assert way.landed() == [CONTENT]


def test_a_file_that_always_comes_damaged_is_an_error_and_does_not_land(way: Way) -> None:
    """One that a later run may not meet; then it lands as if nothing had been."""
    way.alter(4 * DAMAGED_TRIES)
    with pytest.raises(SourceDamagedError, match=rf"{NAME}: its bytes are not those that the store keeps a sum of"):
        way.landed()
    assert issubclass(SourceDamagedError, Transient)
    assert [path for path in way.landing.lake.rglob("*") if path.is_file()] == []
    way.heal()
    assert way.landed() == [CONTENT]
