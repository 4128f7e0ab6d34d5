"""What every kind of location that is reached over a network does when the network fails: nothing lost or doubled.

The faults are made by a proxy before a real server; a new kind adds one line to `places.FAULTY` and runs all of it.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from cdp_assets.errors import DeliveryUnreachableError, SourceUnreachableError, Transient
from cdp_assets.exchange.locations import LOCATIONS, Location
from tests.behaviour.places import FAULTY, FaultyPlace

CONTENT = random.Random(7).randbytes(3_000_000)
OLDER = b"older,file\n" * 1000
ALWAYS = 50


@pytest.fixture(params=sorted(FAULTY))
def place(request: pytest.FixtureRequest) -> FaultyPlace:
    """An empty place."""
    return FAULTY[request.param](request)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to send."""
    (tmp_path / "to-send").write_bytes(CONTENT)
    return tmp_path / "to-send"


def content(location: Location, name: str) -> bytes:
    with location.fetch(name) as stream:
        return stream.read()


def names(location: Location) -> list[str]:
    return [found.name for found in location.list()]


def put_older(place: FaultyPlace, file: Path) -> None:
    older = file.with_name("older")
    older.write_bytes(OLDER)
    place.direct.put("a.csv", older)


def test_every_kind_but_the_local_one_is_here() -> None:
    assert set(FAULTY) == set(LOCATIONS) - {"local"}


@pytest.mark.parametrize("after_bytes", [0, 100_000, 1_500_000])
def test_what_is_cut_while_it_is_fetched_goes_on(place: FaultyPlace, file: Path, after_bytes: int) -> None:
    place.direct.put("a.csv", file)
    place.faults.cut_fetch(after_bytes, times=2)
    assert content(place.location, "a.csv") == CONTENT
    assert content(place.location, "a.csv") == CONTENT


def test_a_fetch_that_is_always_cut_ends_and_says_that_it_may_pass(place: FaultyPlace, file: Path) -> None:
    place.direct.put("a.csv", file)
    place.faults.cut_fetch(0, times=ALWAYS)
    with pytest.raises(SourceUnreachableError, match=r"a\.csv") as error:
        content(place.location, "a.csv")
    assert isinstance(error.value, Transient)


@pytest.mark.parametrize("after_bytes", [0, 100_000, 1_500_000])
def test_what_is_cut_while_it_is_put_arrives_once_and_whole(place: FaultyPlace, file: Path, after_bytes: int) -> None:
    put_older(place, file)
    place.faults.cut_put(after_bytes, times=2)
    place.location.put("a.csv", file)
    assert names(place.direct) == ["a.csv"]
    assert content(place.direct, "a.csv") == CONTENT


def test_a_put_that_is_always_cut_leaves_what_was_there(place: FaultyPlace, file: Path) -> None:
    put_older(place, file)
    place.faults.cut_put(100_000, times=ALWAYS)
    with pytest.raises(DeliveryUnreachableError, match=r"a\.csv") as error:
        place.location.put("a.csv", file)
    assert isinstance(error.value, Transient)
    assert names(place.direct) == ["a.csv"]
    assert content(place.direct, "a.csv") == OLDER


def test_a_server_that_is_down_may_come_up(place: FaultyPlace, file: Path) -> None:
    place.direct.put("a.csv", file)
    assert names(place.location) == ["a.csv"]
    place.faults.down()
    with pytest.raises(SourceUnreachableError):
        names(place.location)
    with pytest.raises(SourceUnreachableError):
        place.location.fetch("a.csv")
    with pytest.raises(DeliveryUnreachableError):
        place.location.put("b.csv", file)
    place.faults.up()
    assert content(place.location, "a.csv") == CONTENT
    assert names(place.location) == ["a.csv"]


def test_a_server_that_does_not_answer_is_not_waited_for_without_end(place: FaultyPlace, file: Path) -> None:
    place.faults.stall(ALWAYS)
    with pytest.raises(SourceUnreachableError):
        names(place.location)


def test_a_server_that_does_not_answer_once_is_asked_again(place: FaultyPlace, file: Path) -> None:
    place.direct.put("a.csv", file)
    place.faults.stall(1)
    assert content(place.location, "a.csv") == CONTENT


def test_a_slow_server_is_waited_for(place: FaultyPlace, file: Path) -> None:
    file.write_bytes(OLDER)
    place.faults.slow(0.03)
    place.location.put("a.csv", file)
    assert content(place.location, "a.csv") == OLDER
    assert names(place.location) == ["a.csv"]
