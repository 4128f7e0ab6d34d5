"""Deliveries to every kind of location, on real servers: whole, split, over a network that fails."""

from __future__ import annotations

import tarfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cdp_assets.errors import DeliveryUnreachableError
from cdp_assets.exchange.codecs import Recipient
from cdp_assets.exchange.locations import Location
from tests.behaviour.places import FAULTY, MAKE, FaultyPlace, Place
from tests.pgp import GpgTool, Key
from tests.unit.destinations.sender import Sender

MANY = pa.table({"n": list(range(120_000))})
SPLIT: dict[str, Any] = {
    "split_rows": 50_000,
    "filename": "all",
    "split_filename": "{{file_number}}.csv",
    "split_directory": "of {{now|format:'yyyy_MM_dd'}}",
    "remote_folder": "/from\\ acme",
    "done_file": True,
}
PARTS = [f"from acme/of 2026_11_20/{number:07d}.csv" for number in (1, 2, 3)]
WHOLE: dict[str, Any] = {"compression": "tgz", "filename": "both.tgz.pgp"}


class GoesAway:
    """A location whose server goes away before its second file, until it is back."""

    def __init__(self, place: FaultyPlace) -> None:
        self._place, self.is_back, self.put_names = place, False, list[str]()

    def put(self, name: str, source: Path) -> None:
        if self.put_names and not self.is_back:
            self._place.faults.down()
        self._place.location.put(name, source)
        self.put_names.append(name)


@pytest.fixture(params=sorted(MAKE))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """An empty place."""
    folder = tmp_path / "place"
    folder.mkdir()
    return MAKE[request.param](request, folder)


@pytest.fixture(params=sorted(FAULTY))
def faulty(request: pytest.FixtureRequest) -> FaultyPlace:
    """An empty place that is reached over a network which fails when it is told to."""
    return FAULTY[request.param](request)


def sender_to(location: Location, tmp_path: Path) -> Sender:
    made = Sender(tmp_path)
    made.location = location
    return made


def contents(location: Location) -> Mapping[str, bytes]:
    """Give every file at a location."""
    found = {}
    for file in location.list():
        with location.fetch(file.name) as stream:
            found[file.name] = stream.read()
    return found


def lines(files: Mapping[str, bytes]) -> list[str]:
    """Give every row of the CSV files, in the order of their names."""
    return [line for name in sorted(files) if name.endswith(".csv") for line in files[name].decode().splitlines()[1:]]


def test_an_encrypted_archive_arrives_as_it_left(place: Place, tmp_path: Path, gpg_tool: GpgTool, our_key: Key) -> None:
    """And is opened by the stock tools."""
    tables = {"first": MANY.slice(0, 10), "second": MANY.slice(10, 5)}
    (file,) = sender_to(place.location, tmp_path).send(rows=tables, recipient=Recipient(our_key.public), **WHOLE).files
    found = contents(place.location)
    assert {name: len(content) for name, content in found.items()} == {"both.tgz.pgp": file.size_bytes}
    gpg_tool.run("--import", given=our_key.private.encode())
    (tmp_path / "both.tgz").write_bytes(gpg_tool.decrypt(found["both.tgz.pgp"]))
    with tarfile.open(tmp_path / "both.tgz") as archive:
        assert archive.getnames() == ["first.csv", "second.csv"]


def test_a_split_export_arrives_in_its_folder(place: Place, tmp_path: Path) -> None:
    """Every row once; sending it again puts nothing."""
    sender = sender_to(place.location, tmp_path)
    assert sender.send(1, MANY, **SPLIT).sent
    found = contents(place.location)
    assert list(found) == ["from acme/all.DONE", *PARTS]
    assert lines(found) == [str(number) for number in range(120_000)]
    assert not sender.send(1, MANY, **SPLIT).sent


def test_a_connection_that_is_cut_while_a_file_is_sent_loses_and_doubles_nothing(
    faulty: FaultyPlace, tmp_path: Path
) -> None:
    """The location goes on by itself."""
    faulty.faults.cut_put(100_000, times=2)
    assert sender_to(faulty.location, tmp_path).send(1, MANY, **SPLIT).sent
    assert lines(contents(faulty.direct)) == [str(number) for number in range(120_000)]


def test_a_server_that_is_away_is_sent_the_rest_when_it_is_back(faulty: FaultyPlace, tmp_path: Path) -> None:
    """What had arrived is not put again; meanwhile there is no done file."""

    going = GoesAway(faulty)
    sender = sender_to(going, tmp_path)  # type: ignore[arg-type] # what is not put is not listed
    with pytest.raises(DeliveryUnreachableError, match=f"Arrived: {PARTS[0]}; the rest"):
        sender.send(1, MANY, **SPLIT)
    assert list(contents(faulty.direct)) == PARTS[:1]
    going.is_back = True
    faulty.faults.up()
    assert sender.send(1, MANY, **SPLIT).sent
    assert going.put_names == [*PARTS, "from acme/all.DONE"]
    assert lines(contents(faulty.direct)) == [str(number) for number in range(120_000)]
